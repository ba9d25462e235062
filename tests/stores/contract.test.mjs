// Every store over its real engine, case by case. tests/artifacts/stores.md is the table of it.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client";
import pg from "pg";
import { libsql, memory, postgres, sql } from "sluicebox/server";
import { at } from "../../pkg/scripts/lib.mjs";
import { cases, runCase } from "./contract.mjs";
import { startPostgres } from "./postgres.mjs";
import { temporaryFolder } from "./service.mjs";
import { table } from "./table.mjs";

const folder = temporaryFolder("contract");
const database = await startPostgres();
const pool = new pg.Pool({ connectionString: database.url, max: 4 });
pool.on("error", () => {});
const clients = [];

/** By name: what gives a new, empty store each time, as a function of its options. */
const ENGINES = {
  memory: () => memory,
  "sql, libsql": (number) => {
    const client = createClient({ url: pathToFileURL(join(folder, `${number}.db`)).href });
    clients.push(client);
    return (options) => sql(libsql(client), options);
  },
  "sql, postgres": (number) => (options) =>
    sql(postgres(pool), { ...options, table: `t${number}` }),
};

const results = {};

after(async () => {
  mkdirSync(at("tests/artifacts"), { recursive: true });
  writeFileSync(at("tests/artifacts/stores.md"), table(cases, results));
  for (const client of clients) client.close();
  await pool.end();
  await database.stop();
  rmSync(folder, { recursive: true });
});

for (const [engine, fresh] of Object.entries(ENGINES)) {
  describe(engine, () => {
    results[engine] = {};
    for (const [number, one] of cases.entries()) {
      if (one.isShared && engine === "memory") continue;
      test(one.name, async () => {
        results[engine][one.name] = "failed";
        await runCase(one, fresh(number));
        results[engine][one.name] = "passed";
      });
    }
  });
}
