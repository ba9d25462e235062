// Streams and buckets: listed, described, dropped, used again.

import assert from "node:assert/strict";
import { call, collect, numbers } from "./tools.mjs";

const bucket = (server, owner, key, name = "B") =>
  call(
    server,
    "POST",
    "/api/buckets",
    { bucketKey: key, bucketName: name },
    {
      "X-IS-AccessKey": owner,
      "Content-Type": "application/json",
    },
  );

async function send(server, owner, key, value) {
  const headers = { "X-IS-AccessKey": owner, "X-IS-BucketKey": key };
  const { status } = await call(server, "POST", "/api/events", { key: "k", value }, headers);
  assert.equal(status, 204);
}

const values = async (server, stream) =>
  (await server.items({ stream, end: null })).map(({ value }) => value);

export const streams = [
  {
    name: "streams are listed in order while they have events",
    async run(open) {
      const server = open({ keys: [] });
      const list = async () => (await call(server, "GET", "/v1/collect")).body;
      assert.deepEqual(await list(), []);
      for (const name of ["b", "a", "B", "a1"]) await collect(server, name, { n: 1 });
      assert.deepEqual(await list(), ["B", "a", "a1", "b"]);
      assert.equal((await call(server, "DELETE", "/v1/collect/a")).status, 200);
      assert.deepEqual(await list(), ["B", "a1", "b"]);
    },
  },
  {
    name: "a stream tells how many events it has, and their dates",
    async run(open) {
      const server = open({ keys: [] });
      const one = (name) => call(server, "GET", `/v1/collect/${name}`);
      assert.equal((await one("s")).status, 404);
      await collect(server, "s", [
        { n: 1, $timestamp: "2024-02-01T00:00:00.5Z" },
        { n: 2, $timestamp: "2023-01-01T00:00:00Z" },
        { n: 3, $timestamp: "2024-01-01T00:00:00Z" },
      ]);
      await collect(server, "t", [{ n: 4 }]);
      assert.deepEqual((await one("s")).body, {
        name: "s",
        count: 3,
        first: "2023-01-01T00:00:00.000Z",
        last: "2024-02-01T00:00:00.500Z",
      });
    },
  },
  {
    name: "a dropped stream is gone, and can be used again",
    async run(open) {
      const server = open({ keys: ["k"] });
      const drop = async () => (await call(server, "DELETE", "/v1/collect/s")).status;
      const events = [
        { $id: "a", n: 1, k: 1 },
        { $id: "b", n: 2, k: [1, 2] },
      ];
      await collect(server, "s", events);
      await collect(server, "t", [{ $id: "a", n: 3, k: 1 }]);
      assert.equal(await drop(), 200);
      assert.equal(await drop(), 404);
      assert.deepEqual(await numbers(server), [3]);
      assert.deepEqual(await numbers(server, { where: { k: 1 } }), [3]);
      assert.deepEqual(await numbers(server, { stream: "s" }), []);
      assert.equal((await call(server, "GET", "/v1/collect/s")).status, 404);
      // Their ids are forgotten with them.
      await collect(server, "s", events);
      assert.deepEqual(await numbers(server, { stream: "s" }), [2, 1]);
      assert.deepEqual(await numbers(server, { where: { k: [1, 2] } }), [2, 1, 3]);
      assert.deepEqual((await call(server, "GET", "/v1/collect")).body, ["s", "t"]);
    },
  },
  {
    name: "a bucket is made once for each owner, and each fills a stream of its own",
    async run(open) {
      const server = open({ keys: [] });
      assert.equal((await bucket(server, "one", "bk")).status, 201);
      assert.equal((await bucket(server, "one", "bk", "other")).status, 204);
      assert.equal((await bucket(server, "two", "bk")).status, 201);
      assert.equal((await bucket(server, "two", "bk")).status, 204);
      await send(server, "two", "bk", 2);
      await send(server, "one", "bk", 1);
      assert.deepEqual(await values(server, "bk"), [1]);
      assert.deepEqual(await values(server), [1, 2]);
    },
  },
  {
    name: "the first event makes a bucket, also of many at once",
    async run(open) {
      const server = open({ keys: [] });
      const owners = ["one", "two", "one", "two", "one", "two"];
      await Promise.all(owners.map((owner, value) => send(server, owner, "bk", value)));
      const [first, all] = [await values(server, "bk"), await values(server)];
      assert.equal(all.length, 6);
      // Whoever was first has the stream of the key's name, and nobody else writes there.
      const owner = first[0] % 2;
      assert.deepEqual(
        [...first].sort(),
        [0, 1, 2, 3, 4, 5].filter((value) => value % 2 === owner),
      );
    },
  },
  {
    name: "a dropped bucket can be made again, by another owner too",
    async run(open) {
      const server = open({ keys: [] });
      await bucket(server, "one", "bk");
      assert.equal((await call(server, "DELETE", "/v1/collect/bk")).status, 200);
      assert.equal((await call(server, "DELETE", "/v1/collect/bk")).status, 404);
      assert.equal((await bucket(server, "two", "bk")).status, 201);
      await send(server, "two", "bk", 2);
      assert.deepEqual(await values(server, "bk"), [2]);
      assert.equal((await bucket(server, "one", "bk")).status, 201);
    },
  },
  {
    name: "a bucket may be named by any text that is allowed",
    async run(open) {
      const server = open({ keys: [] });
      for (const key of ["b k", "b\\k", "{x}", "b%k", "ü🌊", "__proto__"]) {
        assert.equal((await bucket(server, "one", key)).status, 201, key);
        assert.equal((await bucket(server, "one", key)).status, 204, key);
      }
    },
  },
  {
    name: "servers over one store share its streams, ids and buckets",
    isShared: true,
    async run(open) {
      const [one, two] = [open({ keys: ["k"] }), open({ keys: ["k"] })];
      await collect(one, "s", [{ $id: "a", n: 1, k: 1 }]);
      await collect(two, "s", [
        { $id: "a", n: 2, k: 1 },
        { $id: "b", n: 3, k: 1 },
      ]);
      assert.deepEqual(await numbers(one, { where: { k: 1 } }), [3, 1]);
      assert.equal((await bucket(one, "one", "bk")).status, 201);
      assert.equal((await bucket(two, "one", "bk")).status, 204);
      assert.equal((await bucket(two, "two", "bk")).status, 201);
      await send(two, "one", "bk", 1);
      assert.deepEqual(await values(one, "bk"), [1]);
    },
  },
  {
    name: "what was kept is there when a store is opened again",
    isShared: true,
    async run(open) {
      const before = open({ keys: ["k"] });
      await collect(before, "s", [
        { $id: "a", n: 1, k: 1 },
        { $id: "b", n: 2, k: 2 },
      ]);
      await bucket(before, "one", "bk");
      await before.close();
      const after = open({ keys: ["k"] });
      assert.deepEqual(await numbers(after), [2, 1]);
      assert.deepEqual(await numbers(after, { where: { k: 1 } }), [1]);
      await collect(after, "s", [
        { $id: "a", n: 3, k: 1 },
        { $id: "c", n: 4, k: 1 },
      ]);
      assert.deepEqual(await numbers(after, { stream: "s", where: { k: 1 } }), [4, 1]);
      assert.equal((await bucket(after, "one", "bk")).status, 204);
      assert.deepEqual((await call(after, "GET", "/v1/collect")).body, ["s"]);
    },
  },
];
