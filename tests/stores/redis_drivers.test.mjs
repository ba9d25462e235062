// What drivers for Redis promise to a store, each over a real one.

import assert from "node:assert/strict";
import { createServer as createHttp } from "node:http";
import { after, before, describe, test } from "node:test";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster } from "redis";
import { createClient as createClient4 } from "redis-4";
import { createServer, nodeRedis, redis, SluiceboxError, upstash } from "sluicebox/server";
import { eventually } from "../node/live.mjs";
import { startCluster, startRedis } from "./redis.mjs";
import { startRest } from "./rest.mjs";

const TEXT = "quote ' and \" and \0 and \u{1F30A} and \r\n";

let database, cluster, rest;

before(async () => {
  [database, cluster] = await Promise.all([startRedis(), startCluster()]);
  rest = await startRest(database.url);
});

after(async () => {
  await rest?.stop();
  await Promise.all([database?.stop(), cluster?.stop()]);
});

async function connected(create) {
  const client = create({ url: database.url });
  client.on("error", () => {});
  await client.connect();
  return { driver: nodeRedis(client), end: () => client.disconnect() };
}

/** By name, each resolves to { driver, end }. */
const DRIVERS = {
  "node-redis": () => connected(createClient),
  "node-redis 4": () => connected(createClient4),
  ioredis: async () => {
    const client = new Redis(database.url);
    return { driver: nodeRedis(client), end: () => client.disconnect() };
  },
  "node-redis, cluster": async () => {
    const client = createCluster({ rootNodes: [{ url: cluster.url }] });
    client.on("error", () => {});
    await client.connect();
    return { driver: nodeRedis(client), end: () => client.destroy() };
  },
  "ioredis, Cluster": async () => {
    const client = new Cluster([{ host: "127.0.0.1", port: cluster.port }]);
    return { driver: nodeRedis(client), end: () => client.disconnect() };
  },
  "Redis over REST": async () => ({ driver: upstash(rest), end() {} }),
};

for (const [name, open] of Object.entries(DRIVERS)) {
  describe(name, () => {
    let driver, end;
    before(async () => {
      ({ driver, end } = await open());
    });
    after(() => end());

    test("gives the reply of a command, whose arguments are texts or numbers", async () => {
      await driver.command(["DEL", "{a}t", "{a}n", "{a}l"]);
      assert.equal(await driver.command(["SET", "{a}t", TEXT]), "OK");
      assert.equal(await driver.command(["GET", "{a}t"]), TEXT);
      assert.equal(await driver.command(["GET", "nothing"]), null);
      assert.equal(await driver.command(["INCRBY", "{a}n", 2 ** 52]), 2 ** 52);
      assert.equal(await driver.command(["RPUSH", "{a}l", 1, "", "é"]), 3);
      assert.deepEqual(await driver.command(["LRANGE", "{a}l", 0, -1]), ["1", "", "é"]);
      const nested = ["EVAL", "return {{'a', {}}, {KEYS[1], ARGV[1]}}", 1, "k", "v"];
      assert.deepEqual(await driver.command(nested), [
        ["a", []],
        ["k", "v"],
      ]);
    });

    test("rejects with the database's own words", async () => {
      await driver.command(["SET", "{a}t", "x"]);
      await assert.rejects(driver.command(["LPUSH", "{a}t", "y"]), /WRONGTYPE/);
      await assert.rejects(driver.command(["NOSUCH"]), /unknown command/i);
      assert.equal(await driver.command(["GET", "{a}t"]), "x");
    });

    test("runs the commands of a transaction in order, and nobody gets between", async () => {
      assert.deepEqual(await driver.transaction([]), []);
      await driver.command(["DEL", "{a}n"]);
      const counted = await Promise.all(
        Array.from({ length: 20 }, () =>
          driver.transaction([
            ["INCR", "{a}n"],
            ["INCR", "{a}n"],
            ["GET", "{a}n"],
          ]),
        ),
      );
      for (const [first, second, third] of counted) {
        assert.deepEqual([second, third], [first + 1, String(first + 1)]);
      }
      assert.equal(await driver.command(["GET", "{a}n"]), "40");
    });

    test("does nothing of a transaction that cannot be queued", async () => {
      await driver.command(["SET", "{a}n", 1]);
      await assert.rejects(driver.transaction([["INCR", "{a}n"], ["NOSUCH"]]));
      assert.equal(await driver.command(["GET", "{a}n"]), "1");
    });

    test("tells of a command that fails in a transaction", async () => {
      const commands = [
        ["SET", "{a}t", "x"],
        ["LPUSH", "{a}t", "y"],
      ];
      await assert.rejects(driver.transaction(commands), (error) => {
        assert.match([error.message, ...(error.errors?.() ?? [])].join(), /WRONGTYPE/);
        return true;
      });
    });

    test("hears when others wrote, until told to end", async (t) => {
      if (!driver.watch) return t.skip("it polls");
      const server = createServer({ store: redis(driver, { keys: [], prefix: "heard" }) });
      let heard = 0;
      const stop = await driver.watch("{heard}", () => (heard += 1));
      const insert = () => server.insert({ a: 1 });
      await insert();
      await eventually("the insert is heard of", () => heard === 1);
      // What is lost may have brought something.
      await driver.command(["CLIENT", "KILL", "TYPE", "pubsub"]);
      await eventually("the connection is back", () => heard === 2);
      await insert();
      await eventually("the insert is heard of again", () => heard === 3);
      stop();
      await eventually("nobody listens", async () => {
        const [, listeners] = await driver.command(["PUBSUB", "NUMSUB", "{heard}:changed"]);
        return Number(listeners) === 0;
      });
      await insert();
      assert.equal(heard, 3);
      await server.close();
    });
  });
}

test("a driver refuses what is not its client, by the argument's name", () => {
  for (const nothing of [undefined, null, {}, "redis://localhost", new Map()]) {
    const error = { code: "invalid_argument", message: /^"client" must be a connected client of/ };
    assert.throws(() => nodeRedis(nothing), error);
  }
  for (const [options, message] of [
    [undefined, /^"url" must be the http/],
    [{ url: "redis://localhost", token: "t" }, /^"url" must be the http/],
    [{ url: "https://db.example" }, /^"token" must be/],
    [{ url: "https://db.example", token: "" }, /^"token" must be/],
  ]) {
    assert.throws(() => upstash(options), { code: "invalid_argument", fault: "caller", message });
  }
});

test("the store refuses a driver, a prefix or keys that cannot be, by name", () => {
  const driver = upstash(rest);
  for (const [make, message] of [
    [() => redis(), /^"driver" must have "command"/],
    [() => redis({ command() {} }), /^"driver" must have "command"/],
    [() => redis(driver, { keys: "a" }), /^"keys" must be a list/],
    [() => redis(driver, { keys: [], prefix: "" }), /^"prefix" must be/],
    [() => redis(driver, { keys: [], prefix: "{a}" }), /^"prefix" must be 1 to 100/],
    [() => redis(driver, { keys: [], prefix: "p".repeat(101) }), /^"prefix" must be 1 to 100/],
  ]) {
    assert.throws(make, { code: "invalid_argument", message });
  }
});

test("an error over REST has the status and the reason, never the token", async () => {
  const wrong = upstash({ url: `${rest.url}/`, token: "wrong-token" });
  await assert.rejects(wrong.command(["GET", "{a}t"]), (error) => {
    assert.ok(error instanceof SluiceboxError);
    assert.deepEqual([error.code, error.fault], ["storage", "server"]);
    assert.match(error.message, /answered 401: WRONGPASS/);
    return true;
  });
  const proxy = createHttp((request, response) => {
    response.writeHead(502).end(`bad gateway for ${request.headers.authorization}`);
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${proxy.address().port}`;
  const behind = upstash({ url, token: "wrong-token" });
  await assert.rejects(behind.transaction([["PING"]]), (error) => {
    assert.match(error.message, /answered 502: bad gateway for Bearer …$/);
    return true;
  });
  await new Promise((resolve) => proxy.close(resolve));
  await assert.rejects(
    behind.command(["PING"]),
    /Redis over REST cannot be reached: .*ECONNREFUSED/,
  );
});

test("a store that was emptied under a server answers with an error, and takes nothing in", async () => {
  const { driver, end } = await DRIVERS["node-redis"]();
  const server = createServer({ store: redis(driver, { keys: [], prefix: "emptied" }) });
  await server.insert({ a: 1 });
  await driver.command(["FLUSHALL"]);
  const inserts = await Promise.allSettled([1, 2, 3].map((a) => server.insert({ a })));
  for (const { reason } of inserts) assert.equal(reason?.code, "storage");
  assert.deepEqual(await driver.command(["KEYS", "*emptied*"]), []);
  await server.close();
  end();
});
