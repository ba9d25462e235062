// Live events: each once, in the order in which they were kept.

import assert from "node:assert/strict";
import { collect, follow, live, range, until } from "./tools.mjs";

const ns = (events) => events.map(({ n }) => n);
const events = (from, to) => range(to - from).map((n) => ({ $id: `i${from + n}`, n: from + n }));
const where = (filters) => `/subscribe?where=${encodeURIComponent(JSON.stringify(filters))}`;

export const lives = [
  {
    name: "live from now on, in order, with id and time",
    async run(open) {
      const server = open({ keys: [] });
      await collect(server, "s", { n: 0 });
      const body = await follow(server);
      await collect(server, "s", events(1, 100));
      for (const n of range(20)) await server.insert({ n: 100 + n });
      const came = await body.take(119);
      assert.deepEqual(
        ns(came),
        range(119).map((n) => n + 1),
      );
      assert.equal(came[0].$id, "i1");
      assert.match(came[118].$id, /^[0-9a-f-]{36}$/);
      assert.ok(came.every(({ $timestamp }) => Date.parse($timestamp) > 1_700_000_000_000));
      await body.cancel();
    },
  },
  {
    name: "an event that is dated back comes live when it comes",
    async run(open) {
      const server = open({ keys: [] });
      const body = await follow(server);
      await server.insert({ n: 1 });
      await server.insert({ n: 2 }, { date: new Date(0) });
      await server.insert({ n: 3 });
      assert.deepEqual(ns(await body.take(3)), [1, 2, 3]);
      await body.cancel();
    },
  },
  {
    name: "live of one stream, which may come into being later",
    async run(open) {
      const server = open({ keys: [] });
      const body = await follow(server, live("later"));
      const other = await follow(server, "/subscribe?stream=s");
      await collect(server, "s", events(0, 3));
      await collect(server, "later", events(3, 5));
      await collect(server, "s", events(5, 6));
      await collect(server, "later", events(6, 7));
      assert.deepEqual(ns(await body.take(3)), [3, 4, 6]);
      assert.deepEqual(ns(await other.take(4)), [0, 1, 2, 5]);
      await body.cancel();
      await other.cancel();
    },
  },
  {
    name: "live by a filter",
    async run(open) {
      const server = open({ keys: ["a", "b"] });
      const one = await follow(server, where({ a: [1, 2], b: "x" }));
      const none = await follow(server, where({ a: [] }));
      const all = await follow(server);
      await collect(
        server,
        "s",
        range(60).map((n) => ({ n, a: [n % 4, "9"], b: n % 2 ? "x" : "y" })),
      );
      await collect(server, "t", { n: 60, a: 2, b: ["y", "x"] });
      const wanted = range(60).filter((n) => n % 4 === 1);
      assert.deepEqual(ns(await one.take(16)), [...wanted, 60]);
      assert.deepEqual(ns(await all.take(61)), range(61));
      await Promise.all([one, none, all].map((body) => body.cancel()));
    },
  },
  {
    name: "live goes on after an id, a position, and from the start after an unknown id",
    async run(open) {
      const server = open({ keys: [] });
      const first = await follow(server);
      await collect(server, "s", events(0, 5));
      await collect(server, "t", [{ $id: "i3", n: 5 }]);
      await collect(server, "s", events(6, 8));
      assert.deepEqual(ns(await first.take(8)), range(8));
      await first.cancel();
      // Each also sees the event that ends it, and those that ended the others before.
      const ended = { s: [], t: [] };
      let n = 100;
      for (const [stream, after, wanted] of [
        ["s", "i3", [4, 6, 7]],
        ["t", "i3", []],
        [null, "i4", [5, 6, 7]],
        // Of an id in several streams the first: too much is better than too little.
        [null, "i3", [4, 5, 6, 7]],
        [null, first.position, range(8)],
        ["s", first.position, [0, 1, 2, 3, 4, 6, 7]],
        ["t", "i4", [5]],
        [null, "unknown", range(8)],
        ["s", "unknown", [0, 1, 2, 3, 4, 6, 7]],
        [null, "i7", []],
      ]) {
        const query = `?after=${after}`;
        const body = await follow(server, stream ? live(stream, query) : `/subscribe${query}`);
        const end = { n: (n += 1), $id: `end${n}` };
        ended[stream ?? "t"].push(end.n);
        await collect(server, stream ?? "t", end);
        const ends = stream ? ended[stream] : Object.values(ended).flat();
        wanted.push(...ends.sort((a, b) => a - b));
        assert.deepEqual(ns(await body.take(wanted.length)), wanted, `${stream} after ${after}`);
        await body.cancel();
      }
    },
  },
  {
    name: "a sample is the first events of a second",
    async run(open) {
      const server = open({ keys: [] });
      const body = await follow(server, live("s", "?sample=2"));
      await collect(server, "s", events(0, 5));
      const came = body.take(3);
      let isOver = false;
      came.finally(() => (isOver = true)).catch(() => {});
      let n = 100;
      await until("the next second's first event", async () => {
        await collect(server, "s", { n: (n += 1) });
        return isOver;
      });
      const [first, second, third] = ns(await came);
      assert.deepEqual([first, second], [0, 1]);
      assert.ok(third > 100);
      await body.cancel();
    },
  },
  {
    name: "a slow reader misses nothing and holds nobody up",
    async run(open) {
      const server = open({ keys: [] });
      const [slow, quick] = [await follow(server), await follow(server)];
      const text = "x".repeat(2000);
      for (const part of range(10)) {
        await collect(
          server,
          "s",
          events(part * 100, part * 100 + 100).map((event) => ({ ...event, text })),
        );
      }
      assert.deepEqual(ns(await quick.take(1000)), range(1000));
      assert.deepEqual(ns(await slow.take(1000)), range(1000));
      await slow.cancel();
      await quick.cancel();
    },
  },
  {
    name: "many subscribers see the same",
    async run(open) {
      const server = open({ keys: [] });
      const bodies = await Promise.all(range(20).map(() => follow(server)));
      await Promise.all(range(30).map((n) => server.insert({ n })));
      const seen = await Promise.all(bodies.map(async (body) => ns(await body.take(30))));
      assert.equal(new Set(seen[0]).size, 30);
      for (const other of seen) assert.deepEqual(other, seen[0]);
      await Promise.all(bodies.map((body) => body.cancel()));
    },
  },
  {
    name: "a stream that is dropped under a subscriber goes on with what comes next",
    async run(open) {
      const server = open({ keys: [] });
      const body = await follow(server, live("s"));
      await collect(server, "s", events(0, 3));
      assert.deepEqual(ns(await body.take(3)), [0, 1, 2]);
      await server.fetch(new Request("http://store.test/v1/collect/s", { method: "DELETE" }));
      await collect(server, "s", events(0, 5));
      assert.deepEqual(ns(await body.take(5)), range(5));
      await body.cancel();
    },
  },
  {
    name: "what was dropped is not told to who goes on from before",
    async run(open) {
      const server = open({ keys: [] });
      const { position } = await follow(server);
      await collect(server, "s", events(0, 3));
      await collect(server, "t", events(3, 5));
      await collect(server, "s", events(5, 6));
      await server.fetch(new Request("http://store.test/v1/collect/s", { method: "DELETE" }));
      await collect(server, "t", events(6, 7));
      for (const after of [position, "unknown"]) {
        const body = await follow(server, `/subscribe?after=${after}`);
        assert.deepEqual(ns(await body.take(3)), [3, 4, 6]);
        await body.cancel();
      }
    },
  },
  {
    name: "servers over one store see each other's events live, each once and in one order",
    isShared: true,
    async run(open) {
      const [one, two] = [open({ keys: ["k"] }), open({ keys: ["k"] })];
      const bodies = [await follow(one), await follow(two), await follow(two, where({ k: 1 }))];
      await Promise.all(range(60).map((n) => (n % 2 ? one : two).insert({ n, k: n % 3 })));
      const [first, second, third] = await Promise.all(
        bodies.map(async (body, index) => ns(await body.take(index < 2 ? 60 : 20))),
      );
      assert.equal(new Set(first).size, 60);
      assert.deepEqual(second, first);
      assert.deepEqual(
        third,
        first.filter((n) => n % 3 === 1),
      );
      const [{ position }] = bodies;
      const again = await follow(two, `/subscribe?after=${position}`);
      assert.deepEqual(ns(await again.take(60)), first);
      await Promise.all([...bodies, again].map((body) => body.cancel()));
    },
  },
];
