// Every database answers what the store in memory answers.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client";
import pg from "pg";
import { createServer, libsql, memory, postgres, sql } from "sluicebox/server";
import { at, attempt } from "../../pkg/scripts/lib.mjs";
import { startMiniflare } from "../hosts/miniflare.mjs";
import { bun, DENO } from "../hosts/runtimes.mjs";
import { startPostgres } from "./postgres.mjs";
import { assertSame, KEYS } from "./same.mjs";
import { temporaryFolder } from "./service.mjs";

const SEEDS = [1, 2, 3];
const STEPS = 150;
const folder = temporaryFolder("same");
let worker, database, pool;

before(async () => {
  [worker, database] = await Promise.all([
    startMiniflare(at("tests/stores/worker_same.mjs"), {
      d1Databases: ["D1"],
      durableObjects: { Events: { className: "Events", useSQLite: true } },
    }),
    startPostgres(),
  ]);
  pool = new pg.Pool({ connectionString: database.url });
});

after(async () => {
  await worker?.close();
  await pool?.end();
  await database?.stop();
  rmSync(folder, { recursive: true });
});

const ask = (server) => (path, options) =>
  server.fetch(new Request(`http://server${path}`, options));

const table = (seed) => ({ keys: KEYS, table: `events_${seed}` });

const inWorker = (name) => (seed) => (path, options) =>
  fetch(`${worker.url}/${name}/${seed}${path}`, options);

const STORES = {
  "libSQL over a file": (seed) => {
    const client = createClient({ url: pathToFileURL(join(folder, "libsql.db")).href });
    return ask(createServer({ store: sql(libsql(client), table(seed)) }));
  },
  PostgreSQL: (seed) => ask(createServer({ store: sql(postgres(pool), table(seed)) })),
  D1: inWorker("d1"),
  "a Durable Object": inWorker("object"),
};

for (const [name, open] of Object.entries(STORES)) {
  test(`${name} answers as memory does`, async () => {
    for (const seed of SEEDS) {
      const expected = ask(createServer({ store: memory({ keys: KEYS }) }));
      await assertSame(expected, open(seed), { seed, steps: STEPS });
    }
  });
}

for (const [name, command, ...args] of [
  ["Deno", ...DENO, "--allow-all"],
  ["Bun", bun],
]) {
  test(`node:sqlite in ${name} answers as memory does`, async () => {
    const script = [at("tests/stores/run_same.mjs"), join(folder, `${name}.db`)];
    const { output } = await attempt(command, [
      ...args,
      ...script,
      String(STEPS),
      ...SEEDS.map(String),
    ]);
    assert.match(output, /^the same$/m);
  });
}

test("nothing was complained about", () => {
  assert.equal(worker.output(), "");
});
