// What is kept: once for each id, all of a batch or none, by any number of writers at once.

import assert from "node:assert/strict";
import { call, collect, numbers, range, until } from "./tools.mjs";

export const writes = [
  {
    name: "an id is kept once, in a batch and over batches",
    async run(open) {
      const server = open({ keys: ["k"] });
      await collect(server, "s", [
        { $id: "a", n: 1, k: 1 },
        { $id: "b", n: 2, k: 1 },
        { $id: "a", n: 3, k: 2 },
      ]);
      await collect(server, "s", [
        { $id: "b", n: 4, k: 2 },
        { $id: "c", n: 5, k: 1 },
      ]);
      assert.deepEqual(await numbers(server), [5, 2, 1]);
      assert.deepEqual(await numbers(server, { where: { k: 2 } }), []);
      await server.insert({ n: 6, k: 2 }, { stream: "s", id: "a" });
      assert.deepEqual(await numbers(server), [5, 2, 1]);
    },
  },
  {
    name: "each stream has ids of its own",
    async run(open) {
      const server = open({ keys: [] });
      const body = { s: [{ $id: "a", n: 1 }], t: [{ $id: "a", n: 2 }], u: { $id: "b", n: 3 } };
      for (const _ of range(2)) {
        assert.equal((await call(server, "POST", "/v1/collect", body)).status, 200);
      }
      assert.deepEqual(await numbers(server), [3, 2, 1]);
      assert.deepEqual(await numbers(server, { stream: "t" }), [2]);
    },
  },
  {
    name: "an id is kept again when its window is over",
    async run(open) {
      const server = open({ keys: ["k"], dedupeWindow: 1 });
      const insert = (n) => server.insert({ n, k: 1 }, { stream: "s", id: "a" });
      let n = 0;
      await insert(n);
      await until("the window is over", async () => {
        await insert((n += 1));
        return (await numbers(server)).length > 1;
      });
      assert.deepEqual(await numbers(server, { where: { k: 1 } }), [n, 0]);
    },
  },
  {
    name: "an id within its window is not kept again, however often it comes",
    async run(open) {
      const server = open({ keys: [], dedupeWindow: 3_600_000 });
      const insert = (n) => server.insert({ n }, { id: "a" });
      await insert(0);
      await Promise.all(range(50).map((n) => insert(n + 1)));
      assert.deepEqual(await numbers(server), [0]);
    },
  },
  {
    name: "of a batch with a bad event nothing is kept",
    async run(open) {
      const server = open({ keys: ["k"] });
      const good = range(20).map((n) => ({ $id: `i${n}`, n, k: 1 }));
      assert.equal((await call(server, "POST", "/v1/collect/s", [...good, 5])).status, 400);
      const streams = { s: good, t: [{ n: 1 }, "x"] };
      assert.equal((await call(server, "POST", "/v1/collect", streams)).status, 400);
      assert.deepEqual(await numbers(server), []);
      assert.deepEqual(await numbers(server, { where: { k: 1 } }), []);
      assert.deepEqual((await call(server, "GET", "/v1/collect")).body, []);
      // Nor are their ids remembered.
      await collect(server, "s", good);
      assert.equal((await numbers(server)).length, 20);
    },
  },
  {
    name: "200 events inserted at once are all kept",
    async run(open) {
      const server = open({ keys: ["k"] });
      const date = new Date(1_700_000_000_000);
      const insert = (n) =>
        server.insert({ n, k: n % 3 }, { stream: `s${n % 4}`, id: `i${n % 150}-${n % 4}`, date });
      const ids = await Promise.all(range(200).map(insert));
      assert.deepEqual(
        ids,
        range(200).map((n) => `i${n % 150}-${n % 4}`),
      );
      const kept = new Set(ids).size;
      const found = await numbers(server);
      assert.equal(found.length, kept);
      assert.equal(new Set(found).size, kept);
      const parts = await Promise.all([0, 1, 2].map((k) => numbers(server, { where: { k } })));
      assert.deepEqual(
        parts.flat().sort((a, b) => a - b),
        [...found].sort((a, b) => a - b),
      );
      for (const [k, part] of parts.entries()) {
        assert.deepEqual(
          part,
          found.filter((n) => n % 3 === k),
        );
      }
    },
  },
  {
    name: "a large batch is kept in one piece",
    async run(open) {
      const server = open({ keys: ["k"] });
      const text = "x".repeat(1000);
      const events = range(3000).map((n) => ({ $id: n, n, k: n % 1000, text }));
      await collect(server, "s", events);
      await collect(server, "s", events);
      assert.deepEqual(await numbers(server), range(3000).reverse());
      assert.deepEqual(await numbers(server, { where: { k: 7 } }), [2007, 1007, 7]);
    },
  },
];
