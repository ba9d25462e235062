// What the Redis store does when Redis is full, another version's, one of a cluster, or away.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "redis";
import { createServer, nodeRedis, redis } from "sluicebox/server";
import { call, collect, follow, numbers, range, until } from "./contract/tools.mjs";
import { startCluster, startRedis } from "./redis.mjs";

let database, client, driver;

before(async () => {
  database = await startRedis();
  client = createClient({ url: database.url });
  client.on("error", () => {});
  await client.connect();
  driver = nodeRedis(client);
});

after(async () => {
  client?.destroy();
  await database?.stop();
});

const ask = (...args) => client.sendCommand(args);
const keysOf = async (prefix) => (await ask("KEYS", `{${prefix}}*`)).sort();

test("every key of a store is in one slot of a cluster, and gone with its streams", async () => {
  const cluster = await startCluster();
  const client = createClient({ url: cluster.url });
  client.on("error", () => {});
  await client.connect();
  const server = createServer({ store: redis(nodeRedis(client), { keys: ["k"] }) });
  await collect(server, "s", [
    { n: 1, k: "a" },
    { n: 2, k: ["b", "c"] },
  ]);
  const keys = await client.sendCommand(["KEYS", "*"]);
  assert.ok(keys.length > 5);
  assert.ok(keys.every((key) => key.startsWith("{sluicebox}:")));
  const slotOf = (key) => client.sendCommand(["CLUSTER", "KEYSLOT", key]);
  assert.equal(new Set(await Promise.all(keys.map(slotOf))).size, 1);
  assert.equal((await call(server, "DELETE", "/v1/collect/s")).status, 200);
  const left = (await client.sendCommand(["KEYS", "*"])).sort();
  assert.deepEqual(left, ["{sluicebox}:log", "{sluicebox}:meta"]);
  await server.close();
  client.destroy();
  await cluster.stop();
});

test("two stores of one Redis know nothing of each other", async () => {
  const [one, two] = ["one", "two"].map((prefix) =>
    createServer({ store: redis(driver, { keys: [], prefix }) }),
  );
  await one.insert({ n: 1 }, { id: "a" });
  await two.insert({ n: 2 }, { id: "a" });
  assert.deepEqual([await numbers(one), await numbers(two)], [[1], [2]]);
  await Promise.all([one.close(), two.close()]);
});

test("a Redis that is full refuses what comes, keeps what it has, and takes all in later", async () => {
  const server = createServer({ store: redis(driver, { keys: ["k"], prefix: "full" }) });
  await server.insert({ n: 0, k: 1 });
  const before = await keysOf("full");
  await ask("CONFIG", "SET", "maxmemory-policy", "noeviction", "maxmemory", "1");
  try {
    const refused = await call(
      server,
      "POST",
      "/v1/collect/s",
      range(50).map((n) => ({ $id: n, n, k: 2 })),
    );
    assert.equal(refused.status, 503);
    await assert.rejects(server.insert({ n: 1, k: 1 }), { code: "storage" });
    assert.deepEqual(await numbers(server), [0]);
    assert.deepEqual(await numbers(server, { where: { k: [1, 2] } }), [0]);
  } finally {
    await ask("CONFIG", "SET", "maxmemory", "0");
  }
  assert.deepEqual(await keysOf("full"), before);
  await collect(
    server,
    "s",
    range(50).map((n) => ({ $id: n, n, k: 2 })),
  );
  assert.equal((await numbers(server, { where: { k: 2 } })).length, 50);
  await server.close();
});

test("keys that a later version made are refused", async () => {
  await ask("HSET", "{later}:meta", "origin", "0".repeat(32), "version", "2", "sequence", "0");
  const server = createServer({ store: redis(driver, { keys: [], prefix: "later" }) });
  await assert.rejects(server.insert({ n: 1 }), { code: "storage" });
  assert.deepEqual(await keysOf("later"), ["{later}:meta"]);
  await server.close();
});

test("a connection that is lost costs no event that was acknowledged, and live bodies go on", async () => {
  const server = createServer({ store: redis(driver, { keys: [], prefix: "lost" }) });
  const live = await follow(server);
  const acknowledged = [];
  for (const n of range(60)) {
    // It is killed while an insert is under way; who sends again, sends the same id.
    const insert = () => server.insert({ n }, { id: `i${n}` });
    const inserting = insert().catch(insert);
    if (n % 20 === 10) {
      const other = createClient({ url: database.url });
      await other.connect();
      await other.sendCommand(["CLIENT", "KILL", "SKIPME", "yes"]);
      await other.close();
    }
    acknowledged.push(await inserting);
  }
  assert.equal(acknowledged.length, 60);
  assert.deepEqual(await numbers(server), range(60).reverse());
  assert.deepEqual(
    (await live.take(60)).map(({ n }) => n),
    range(60),
  );
  await live.cancel();
  await server.close();
});

test("a stream is dropped in steps while others write to it, and nothing of it is left behind", async () => {
  // As small as they can be, so that the inserts come between them.
  const small = (text) => text.replace("EVENTS = 1000", "EVENTS = 2");
  const inSteps = {
    ...driver,
    command: ([n, text, ...more]) => driver.command([n, small(text), ...more]),
  };
  const [one, two] = [inSteps, driver].map((its) =>
    createServer({ store: redis(its, { keys: ["k"], prefix: "steps" }) }),
  );
  const event = (n) => ({ $id: `i${n}`, n, k: n % 2 });
  await collect(one, "s", range(100).map(event));
  await collect(one, "t", range(3).map(event));
  const dropping = call(one, "DELETE", "/v1/collect/s");
  const inserted = await Promise.all(range(40).map((n) => collect(two, "s", [event(200 + n)])));
  assert.equal((await dropping).status, 200);
  assert.equal(inserted.length, 40);
  const [left, all] = [await numbers(one, { stream: "s" }), await numbers(one)];
  assert.ok(left.every((n) => n >= 200));
  assert.deepEqual(
    [...all].sort((a, b) => a - b).slice(3),
    [...left].sort((a, b) => a - b),
  );
  const either = await numbers(one, { where: { k: [0, 1] } });
  assert.deepEqual(either, all);
  const names = (await call(one, "GET", "/v1/collect")).body;
  assert.deepEqual(names, left.length ? ["s", "t"] : ["t"]);
  // What is left has its ids, and what is gone has none.
  await collect(two, "s", [...range(100), ...range(40).map((n) => 200 + n)].map(event));
  assert.equal((await numbers(one, { stream: "s" })).length, 140);
  await Promise.all([one.close(), two.close()]);
});

test("a Redis that crashes and comes back has what was acknowledged, and live bodies go on", async () => {
  const durable = ["--appendonly", "yes", "--appendfsync", "always"];
  const redisServer = await startRedis([...durable, "--enable-debug-command", "yes"]);
  const client = createClient({ url: redisServer.url });
  client.on("error", () => {});
  await client.connect();
  const server = createServer({ store: redis(nodeRedis(client), { keys: ["k"] }) });
  const live = await follow(server);
  const crash = () => client.sendCommand(["DEBUG", "CRASH-AND-RECOVER", "100"]).catch(() => {});
  const runs = new Set();
  for (const n of range(200)) {
    const crashing = n % 80 === 40 && crash();
    // Whoever gets no answer sends again, with the same id.
    await until("it is taken in", () =>
      server.insert({ n, k: n % 2 }, { id: `i${n}` }).catch(() => false),
    );
    await crashing;
    const info = await client.sendCommand(["INFO", "server"]);
    runs.add(/run_id:(\w+)/.exec(info)[1]);
  }
  assert.equal(runs.size, 3);
  assert.deepEqual(await numbers(server), range(200).reverse());
  assert.equal((await numbers(server, { where: { k: 1 } })).length, 100);
  assert.deepEqual(
    (await live.take(200)).map(({ n }) => n),
    range(200),
  );
  await live.cancel();
  await server.close();
  client.destroy();
  await redisServer.stop();
});
