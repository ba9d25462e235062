// Every store over its real engine, case by case. tests/artifacts/stores.md is the table of it.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client";
import { Cluster, Redis } from "ioredis";
import pg from "pg";
import { createClient as createRedis, createCluster } from "redis";
import { libsql, memory, nodeRedis, postgres, redis, sql, upstash } from "sluicebox/server";
import { at, attempt } from "../../pkg/scripts/lib.mjs";
import { bun, DENO } from "../hosts/runtimes.mjs";
import { cases, runCase } from "./contract.mjs";
import { startPostgres } from "./postgres.mjs";
import { startCluster, startRedis } from "./redis.mjs";
import { startRest } from "./rest.mjs";
import { temporaryFolder } from "./service.mjs";
import { report } from "./table.mjs";

const folder = temporaryFolder("contract");
const [database, cache, cluster] = await Promise.all([
  startPostgres(),
  startRedis(),
  startCluster(),
]);
const pool = new pg.Pool({ connectionString: database.url, max: 4 });
const nodeRedisClient = createRedis({ url: cache.url });
const ioredisClient = new Redis(cache.url, { keyPrefix: "io:" });
const clusterClient = new Cluster([{ host: "127.0.0.1", port: cluster.port }]);
const nodeClusterClient = createCluster({ rootNodes: [{ url: cluster.url }] });
for (const client of [pool, nodeRedisClient, nodeClusterClient, ioredisClient, clusterClient])
  client.on("error", () => {});
await Promise.all([nodeRedisClient.connect(), nodeClusterClient.connect()]);
const rest = await startRest(cache.url);
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
  "redis, node-redis": over(nodeRedis(nodeRedisClient), "tcp"),
  "redis, ioredis": over(nodeRedis(ioredisClient), "io"),
  "redis, ioredis Cluster": over(nodeRedis(clusterClient), "io"),
  "redis, node-redis cluster": over(nodeRedis(nodeClusterClient), "tcp"),
  "redis, in small steps": over(inSmallSteps(nodeRedis(nodeRedisClient)), "steps"),
  "redis, REST": over(upstash(rest), "rest"),
};

function over(driver, prefix) {
  return (number) => (options) => redis(driver, { ...options, prefix: `${prefix}:${number}` });
}

/** Which of their bounds were found. */
const smallSteps = new Set();

/** Scripts stop early and go on; here each does so at once, or hardly a case would see it. */
function inSmallSteps({ command }) {
  const bounds = [
    ["= 2 ^ 53, 10000, 20000, 2000, 128", "= 2 ^ 53, 10000, 25, 7, 4"],
    [
      "EVENTS, LOOKS, BYTES, AT_ONCE = 256, 2000, 2 ^ 20, 32",
      "EVENTS, LOOKS, BYTES, AT_ONCE = 3, 5, 3000, 2",
    ],
    ["EVENTS = 1000", "EVENTS = 2"],
  ];
  const smaller = (text, bound) => {
    const small = text.replace(...bound);
    if (small !== text) smallSteps.add(bound[0]);
    return small;
  };
  return {
    command: ([name, script, ...args]) => command([name, bounds.reduce(smaller, script), ...args]),
    transaction: () => assert.fail("each command is one script"),
  };
}

const results = {};

after(async () => {
  report(results);
  for (const client of clients) client.close();
  await Promise.all([pool.end(), nodeRedisClient.close(), ioredisClient.quit(), rest.stop()]);
  clusterClient.disconnect();
  nodeClusterClient.destroy();
  await Promise.all([database.stop(), cache.stop(), cluster.stop()]);
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

test("all scripts that could run long were stopped early", () => {
  assert.equal(smallSteps.size, 3);
});
