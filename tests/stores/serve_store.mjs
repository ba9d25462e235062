// A server in a process of its own, over the store behind a URL. Says where it listens.
import pg from "pg";
import { createClient } from "redis";
import { serve } from "sluicebox/node";
import { createServer, nodeRedis, postgres, redis, sql } from "sluicebox/server";

const [url] = process.argv.slice(2);
const options = { keys: ["kind"] };

async function storeOf() {
  if (url.startsWith("postgres:")) {
    return sql(postgres(new pg.Pool({ connectionString: url })), options);
  }
  const client = createClient({ url });
  client.on("error", () => {});
  await client.connect();
  return redis(nodeRedis(client), options);
}

const listening = await serve(createServer({ store: await storeOf() }), { port: 0 });
console.log(`listening on ${listening.url}`);
