// The cases of the contract over node:sqlite, for a runtime that has it: a line of JSON for each.
import { DatabaseSync } from "node:sqlite";
import { nodeSqlite, sql } from "sluicebox/server";
import { cases, runCase } from "./contract.mjs";

const driver = nodeSqlite(new DatabaseSync(process.argv[2]));
for (const [number, one] of cases.entries()) {
  const storeOf = (options) => sql(driver, { ...options, table: `t${number}` });
  const failed = await runCase(one, storeOf).then(
    () => undefined,
    (error) => String(error.stack ?? error),
  );
  console.log(JSON.stringify({ name: one.name, failed }));
}
process.exit();
