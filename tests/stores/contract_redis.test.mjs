// The contract of all stores, over Redis. tests/artifacts/stores.md is the table of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster } from "redis";
import { nodeRedis, redis, upstash } from "sluicebox/server";
import { hold } from "./engines.mjs";
import { startCluster, startRedis } from "./redis.mjs";
import { startRest } from "./rest.mjs";

const [database, cluster] = await Promise.all([startRedis(), startCluster()]);
const rest = await startRest(database.url);
const clients = {
  node: createClient({ url: database.url }),
  nodeCluster: createCluster({ rootNodes: [{ url: cluster.url }] }),
  ioredis: new Redis(database.url, { keyPrefix: "io:" }),
  ioredisCluster: new Cluster([{ host: "127.0.0.1", port: cluster.port }]),
};
for (const client of Object.values(clients)) client.on("error", () => {});
await Promise.all([clients.node.connect(), clients.nodeCluster.connect()]);

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

const over = (driver, prefix) => (number) => (options) =>
  redis(driver, { ...options, prefix: `${prefix}:${number}` });

const engines = {
  "redis, node-redis": over(nodeRedis(clients.node), "node"),
  "redis, node-redis cluster": over(nodeRedis(clients.nodeCluster), "node"),
  "redis, ioredis": over(nodeRedis(clients.ioredis), "io"),
  "redis, ioredis Cluster": over(nodeRedis(clients.ioredisCluster), "io"),
  "redis, in small steps": over(inSmallSteps(nodeRedis(clients.node)), "steps"),
  "redis, REST": over(upstash(rest), "rest"),
};

hold(engines, async () => {
  await rest.stop();
  for (const client of [clients.node, clients.nodeCluster]) client.destroy();
  for (const client of [clients.ioredis, clients.ioredisCluster]) client.disconnect();
  await Promise.all([database.stop(), cluster.stop()]);
});

test("all scripts that could run long were stopped early", () => {
  assert.equal(smallSteps.size, 3);
});
