// The contract of all stores, over memory and SQL. tests/artifacts/stores.md is the table of it.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client";
import pg from "pg";
import { createServer, libsql, memory, postgres, sql } from "sluicebox/server";
import { at, attempt } from "../../pkg/scripts/lib.mjs";
import { bun, DENO } from "../hosts/runtimes.mjs";
import { cases } from "./contract.mjs";
import { hold } from "./engines.mjs";
import { startPostgres } from "./postgres.mjs";
import { temporaryFolder } from "./service.mjs";

const folder = temporaryFolder("contract");
const database = await startPostgres();
const pool = new pg.Pool({ connectionString: database.url, max: 4 });
pool.on("error", () => {});
const clients = [];

const engines = {
  memory: () => memory,
  "sql, libsql": (number) => {
    const client = createClient({ url: pathToFileURL(join(folder, `${number}.db`)).href });
    clients.push(client);
    return (options) => sql(libsql(client), options);
  },
  "sql, postgres": (number) => (options) =>
    sql(postgres(pool), { ...options, table: `t${number}` }),
};

const results = hold(engines, async () => {
  for (const client of clients) client.close();
  await pool.end();
  await database.stop();
  rmSync(folder, { recursive: true });
});

for (const [runtime, ...program] of [
  ["Deno", ...DENO, "--allow-all"],
  ["Bun", bun],
]) {
  const engine = `sql, node:sqlite in ${runtime}`;
  test(engine, async () => {
    const [command, ...args] = program;
    const file = join(folder, `${runtime}.db`);
    const { output } = await attempt(command, [...args, at("tests/stores/run_contract.mjs"), file]);
    const lines = output.split("\n").filter((line) => line.startsWith("{"));
    const seen = lines.map((line) => JSON.parse(line));
    const outcome = ({ name, failed }) => [name, failed ? "failed" : "passed"];
    results[engine] = Object.fromEntries(seen.map(outcome));
    assert.deepEqual(
      seen.filter(({ failed }) => failed),
      [],
    );
    assert.equal(seen.length, cases.length, output);
  });
}

test("a table may be called like a word of SQL", async () => {
  const client = createClient({ url: pathToFileURL(join(folder, "words.db")).href });
  clients.push(client);
  for (const driver of [libsql(client), postgres(pool)]) {
    const server = createServer({ store: sql(driver, { keys: ["kind"], table: "Order" }) });
    await server.insert({ kind: "a" });
    assert.deepEqual(await server.items({ where: { kind: "a" } }), [{ kind: "a" }]);
    await server.close();
  }
});
