// Over node:sqlite, for a runtime that has it: what it answers beside the store in memory.
import { DatabaseSync } from "node:sqlite";
import { createServer, memory, nodeSqlite, sql } from "sluicebox/server";
import { assertSame, KEYS } from "./same.mjs";

const [file, steps, ...seeds] = process.argv.slice(2);
const driver = nodeSqlite(new DatabaseSync(file));
const ask = (store) => {
  const server = createServer({ store });
  return (path, options) => server.fetch(new Request(`http://server${path}`, options));
};
for (const seed of seeds.map(Number)) {
  const database = sql(driver, { keys: KEYS, table: `events_${seed}` });
  await assertSame(ask(memory({ keys: KEYS })), ask(database), { seed, steps: Number(steps) });
}
console.log("the same");
