// The stores that are compared, each over the real engine.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@libsql/client";
import pg from "pg";
import { createClient as createRedis } from "redis";
import { libsql, memory, nodeRedis, postgres, redis, sql } from "sluicebox/server";
import { startPostgres } from "../stores/postgres.mjs";
import { startRedis } from "../stores/redis.mjs";
import { temporaryFolder } from "../stores/service.mjs";

/** Each resolves to { store, stop }. */
export const engines = {
  async memory(keys) {
    return { store: memory({ keys, maxBytes: 3 * 1024 ** 3 }), stop: async () => {} };
  },

  /** As the command line opens it. */
  async sqlite(keys) {
    const folder = temporaryFolder("bench");
    const client = createClient({ url: `file:${join(folder, "events.db")}` });
    await client.execute("PRAGMA journal_mode = WAL");
    const stop = async () => {
      client.close();
      rmSync(folder, { recursive: true });
    };
    return { store: sql(libsql(client), { keys }), stop };
  },

  async postgres(keys) {
    const database = await startPostgres({ durable: true });
    const pool = new pg.Pool({ connectionString: database.url });
    pool.on("error", () => {});
    const stop = async () => {
      await pool.end();
      await database.stop();
    };
    return { store: sql(postgres(pool), { keys }), stop };
  },

  async redis(keys) {
    const database = await startRedis();
    const client = await createRedis({ url: database.url })
      .on("error", () => {})
      .connect();
    const stop = async () => {
      client.destroy();
      await database.stop();
    };
    return { store: redis(nodeRedis(client), { keys }), stop };
  },
};
