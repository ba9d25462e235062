// The steps over node:sqlite, for a runtime that has it.
import { DatabaseSync } from "node:sqlite";
import { nodeSqlite } from "sluicebox/server";
import { steps } from "./driver_steps.mjs";

const database = new DatabaseSync(process.argv[2]);
const driver = nodeSqlite(database);
const seen = await steps(driver);

const count = () => driver.transaction([{ sql: "SELECT count(*) AS n FROM t", params: [] }]);
const before = await count();
// What was prepared before it was closed is dead; that costs one failure, not all that follow.
database.close();
database.open();
await count().catch(() => {});
const reopened = JSON.stringify(await count()) === JSON.stringify(before);

// More different statements than are kept.
for (let n = 0; n < 500; n += 1) {
  await driver.transaction([{ sql: `SELECT ${n} AS n FROM t`, params: [] }]);
}
console.log(JSON.stringify({ seen, reopened }));
