// What drivers promise to a store, each over its real database.

import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client";
import pg from "pg";
import { d1, durableObject, libsql, nodeSqlite, postgres, SluiceboxError } from "sluicebox/server";
import { at, attempt } from "../../pkg/scripts/lib.mjs";
import { bun, DENO } from "../hosts/runtimes.mjs";
import { eventually } from "../node/live.mjs";
import { assertSeen } from "./expected.mjs";
import { startPostgres } from "./postgres.mjs";
import { steps } from "./driver_steps.mjs";
import { temporaryFolder } from "./service.mjs";

const POSTGRES = { big: "7", taken: /duplicate key/, broken: /syntax error/ };
const folder = temporaryFolder("drivers");
let database;

before(async () => {
  database = await startPostgres();
});

after(async () => {
  await database?.stop();
  rmSync(folder, { recursive: true });
});

test("libsql over a file", async () => {
  const file = join(folder, "libsql.db");
  const client = createClient({ url: pathToFileURL(file).href });
  try {
    assertSeen(await steps(libsql(client)));
    assert.ok(existsSync(file));
  } finally {
    client.close();
  }
});

for (const [name, ...program] of [
  ["Deno", ...DENO, "--allow-all"],
  ["Bun", bun],
]) {
  test(`nodeSqlite over a file, in ${name}`, async () => {
    const file = join(folder, `${name}.db`);
    const [command, ...args] = program;
    const { output } = await attempt(command, [...args, at("tests/stores/run_sqlite.mjs"), file]);
    assert.match(output, /^\{/);
    const { seen, reopened } = JSON.parse(output);
    assertSeen(seen);
    assert.ok(reopened);
  });
}

test("postgres over a pool", async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  try {
    assertSeen(await steps(postgres(pool)), POSTGRES);
    assert.equal(pool.idleCount, pool.totalCount);
  } finally {
    await pool.end();
  }
});

test("postgres over one connection", async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    assertSeen(await steps(postgres(client)), POSTGRES);
  } finally {
    await client.end();
  }
});

test("reads of one transaction see one state of PostgreSQL", async () => {
  const pool = new pg.Pool({ connectionString: database.url });
  const driver = postgres(pool);
  const run = (...texts) => driver.transaction(texts.map((sql) => ({ sql, params: [] })));
  try {
    await run("CREATE TABLE one (n INTEGER)", "INSERT INTO one VALUES (0)");
    const writer = await pool.connect();
    await writer.query("SELECT pg_advisory_lock(1)");
    const reading = run(
      "SELECT n FROM one",
      "SELECT pg_advisory_xact_lock(1)",
      "SELECT n FROM one",
    );
    await eventually("a reader between its two reads", async () => {
      const { rowCount } = await writer.query("SELECT FROM pg_locks WHERE NOT granted");
      return rowCount > 0;
    });
    await writer.query("UPDATE one SET n = 1");
    await writer.query("SELECT pg_advisory_unlock(1)");
    writer.release();
    const [first, , second] = await reading;
    assert.deepEqual([first, second], [[{ n: 0 }], [{ n: 0 }]]);
  } finally {
    await pool.end();
  }
});

test("a connection that PostgreSQL ends in a transaction costs that transaction alone", async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  pool.on("error", () => {});
  const driver = postgres(pool);
  const run = (...texts) => driver.transaction(texts.map((sql) => ({ sql, params: [] })));
  try {
    await run("CREATE TABLE kept (n INTEGER)", "INSERT INTO kept VALUES (1)");
    const killed = run(
      "INSERT INTO kept VALUES (2)",
      "SELECT pg_terminate_backend(pg_backend_pid())",
    );
    await assert.rejects(killed, /terminat/);
    assert.deepEqual(await run("SELECT n FROM kept"), [[{ n: 1 }]]);
  } finally {
    await pool.end();
  }
});

test("who watches PostgreSQL hears at once, also after its connection was lost", async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  let heard = 0;
  const end = await postgres(pool).watch("t", () => (heard += 1));
  const tell = async () => {
    const before = heard;
    const since = performance.now();
    await pool.query("SELECT pg_notify('t', '')");
    await eventually("it is heard", () => heard > before);
    return performance.now() - since;
  };
  const took = [];
  for (let n = 0; n < 6; n += 1) took.push(await tell());
  // Who only looks now and then needs about the time between two looks each time but the first; a
  // busy machine needs it now and then.
  assert.ok(Math.min(...took.slice(1)) < 400, String(took));
  await pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()`);
  const isListening = async () => {
    const { rows } = await pool.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
    return rows.length > 0;
  };
  // Meanwhile it looks by itself.
  const before = heard;
  await eventually("it looks by itself", () => heard > before);
  await eventually("it listens again", isListening);
  await tell();
  end();
  await eventually("its connection is gone", async () => !(await isListening()));
  await pool.end();
});

test("a pool behind which nothing is heard is refused as something to listen to", async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  // As behind a pooler that gives each statement another connection.
  class Deaf extends pg.Client {
    query(sql, ...rest) {
      return super.query(/^LISTEN/.test(sql) ? "SELECT 1" : sql, ...rest);
    }
  }
  const deaf = Object.create(pool, { Client: { value: Deaf }, totalCount: { value: 0 } });
  const watching = postgres(deaf).watch("t", () => {});
  await assert.rejects(watching, /LISTEN hears nothing: is there a pooler/);
  await pool.end();
});

test("a driver refuses what is not its client, by the argument's name", () => {
  const cases = [
    [d1, /^"database" must be a D1 database/],
    [durableObject, /^"storage" must be the ctx\.storage/],
    [libsql, /^"client" must be a client of @libsql/],
    [nodeSqlite, /^"database" must be a DatabaseSync/],
    [postgres, /^"pool" must be a Pool or/],
  ];
  for (const [driver, message] of cases) {
    for (const nothing of [undefined, null, {}, "events.db"]) {
      assert.throws(() => driver(nothing), { code: "invalid_argument", fault: "caller", message });
      assert.throws(() => driver(nothing), SluiceboxError);
    }
  }
});
