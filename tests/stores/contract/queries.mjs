// Which events a query finds, and in which order.

import assert from "node:assert/strict";
import { call, collect, numbers, range, rpc } from "./tools.mjs";

const A = { kind: "create-repo", repo: 17, user: 291, name: "frist" };
const B = { kind: "delete-repo", repo: 17, user: 291 };
const C = { kind: "watch", repo: 2842, user: 291, owner: 23 };
const D = { kind: "friend", user: 291, friend: 23 };
const E = { kind: "friend", user: 23, friend: 291 };

async function withVectors(open) {
  const server = open({ keys: ["kind", "user", "repo"] });
  for (const data of [A, B, C, D, E]) await rpc(server, "insert", {}, [data]);
  return server;
}

/** Each is [filters, what is found], newest first. */
const VECTORS = [
  [{}, [E, D, C, B, A]],
  [{ kind: "friend" }, [E, D]],
  [{ kind: "friend", user: 23 }, [E]],
  [{ user: [23, 291] }, [E, D, C, B, A]],
  [{ user: [23, 291], start: 1, end: 3 }, [D, C]],
  [{ user: [23, 291], kind: ["friend", "watch"] }, [E, D, C]],
  [{ user: [23, 291], kind: ["watch", "create-repo"], repo: [17, 2842] }, [C, A]],
  [{ user: 291, kind: "watch", repo: 17 }, []],
  [{ user: "23" }, [E]],
  [{ user: true }, []],
  [{ user: null }, []],
  [{ user: [] }, []],
  [{ user: [23, 23] }, [E]],
  [{ user: 23, kind: [] }, []],
  [{ kind: "nobody" }, []],
  [{ start: -1, end: 20 }, [A]],
  [{ start: -1, end: null }, [A]],
  [{ start: 0, end: -1 }, [E, D, C, B]],
  [{ start: 3, end: 1 }, []],
];

export const queries = [
  {
    name: "the vectors of AwesomeStream",
    async run(open) {
      const server = await withVectors(open);
      for (const [kwargs, found] of VECTORS) {
        assert.deepEqual(await rpc(server, "items", kwargs), found, JSON.stringify(kwargs));
      }
      assert.deepEqual(await rpc(server, "items", {}, [0, 1]), [E]);
      assert.deepEqual(await server.items({ where: { user: 23 } }), [E]);
    },
  },
  {
    name: "a page has 20 items unless told otherwise",
    async run(open) {
      const server = open({ keys: [] });
      await collect(
        server,
        "s",
        range(25).map((n) => ({ n })),
      );
      assert.equal((await server.items()).length, 20);
      assert.equal((await rpc(server, "items", {}, [0, 25])).length, 25);
    },
  },
  {
    name: "what is refused changes nothing",
    async run(open) {
      const server = await withVectors(open);
      const before = await server.items();
      for (const body of ["{", "{}", "[]"]) {
        assert.equal((await call(server, "POST", "/", body)).status, 400);
      }
      for (const [method, args] of [
        ["__init__", []],
        ["insert", [[1]]],
      ]) {
        const { body } = await call(server, "POST", "/", { id: 1, method, args });
        assert.equal(typeof body.error, "string");
      }
      await assert.rejects(server.items({ where: { zzz: 1 } }), { code: "invalid_argument" });
      assert.deepEqual(await server.items(), before);
    },
  },
  {
    name: "an event has every value of a list, and is found once",
    async run(open) {
      const server = open({ keys: ["kind", "user"] });
      await server.insert({ n: 1, kind: ["a", "b", "a"], user: 5 });
      await server.insert({ n: 2, kind: ["b", "c", null, ["d"], { e: 1 }] });
      for (const [kind, found] of [
        ["a", [1]],
        ["b", [2, 1]],
        [
          ["a", "b"],
          [2, 1],
        ],
        [
          ["a", "c"],
          [2, 1],
        ],
        ["d", []],
      ]) {
        assert.deepEqual(await numbers(server, { where: { kind } }), found, String(kind));
      }
      assert.deepEqual(await numbers(server, { where: { kind: ["a", "b"], user: 5 } }), [1]);
    },
  },
  {
    name: "a value is compared by its text",
    async run(open) {
      const server = open({ keys: ["v"] });
      const values = [23, "23", 23.5, "23.5", true, "True", false, null, 1e21, -0, "", 0];
      await collect(
        server,
        "s",
        values.map((v, n) => ({ n, v })),
      );
      for (const [v, found] of [
        [23, [1, 0]],
        ["23", [1, 0]],
        [23.5, [3, 2]],
        [true, [5, 4]],
        ["True", [5, 4]],
        [false, [6]],
        [1e21, [8]],
        [0, [11, 9]],
        ["", [10]],
        ["null", []],
        [null, []],
      ]) {
        assert.deepEqual(await numbers(server, { where: { v } }), found, JSON.stringify(v));
      }
    },
  },
  {
    name: "no query takes the join of two values for one",
    async run(open) {
      const server = open({ keys: ["kind", "user", "kin", "d"] });
      await server.insert({ n: 1, kind: "x-y" });
      await server.insert({ n: 2, kind: "x", user: "y" });
      await server.insert({ n: 3, kin: "dx" });
      for (const [where, found] of [
        [{ kind: "x-y" }, [1]],
        [{ kind: "x" }, [2]],
        [{ kind: "x", user: "y" }, [2]],
        [{ kind: "x-", user: "y" }, []],
        [{ user: "x" }, []],
        [{ kin: "dx" }, [3]],
        [{ kind: "dx" }, []],
        [{ d: "x" }, []],
      ]) {
        assert.deepEqual(await numbers(server, { where }), found, JSON.stringify(where));
      }
    },
  },
  {
    name: "the newest date comes first, and of one date what came last",
    async run(open) {
      const server = open({ keys: ["k"] });
      const at = (seconds) => ({ date: new Date(1_700_000_000_000 + seconds * 1000) });
      for (const [n, seconds] of [3, 1, 2, 1, 3, 0].entries()) {
        await server.insert({ n, k: 1 }, at(seconds));
      }
      assert.deepEqual(await numbers(server), [4, 0, 2, 3, 1, 5]);
      assert.deepEqual(await numbers(server, { where: { k: 1 } }), [4, 0, 2, 3, 1, 5]);
      await rpc(server, "insert", { data: { n: 6, k: 1 }, date: 1000 });
      assert.deepEqual(await numbers(server), [4, 0, 2, 3, 1, 5, 6]);
      assert.deepEqual(await numbers(server, { start: -2 }), [5, 6]);
    },
  },
  {
    name: "a batch keeps its order",
    async run(open) {
      const server = open({ keys: ["k"] });
      const date = "2024-05-01T00:00:00Z";
      await collect(
        server,
        "s",
        range(300).map((n) => ({ n, k: n % 2, $timestamp: date })),
      );
      assert.deepEqual(await numbers(server), range(300).reverse());
      const odd = range(150).map((n) => 299 - 2 * n);
      assert.deepEqual(await numbers(server, { where: { k: 1 } }), odd);
    },
  },
  {
    name: "slices are those of a list in Python",
    async run(open) {
      const server = open({ keys: ["half", "third"] });
      const all = range(90);
      await collect(
        server,
        "s",
        all.map((n) => ({ n, half: n % 2, third: n % 3 })),
      );
      const lists = [
        [{}, all],
        [{ half: 1 }, all.filter((n) => n % 2 === 1)],
        [{ half: 1, third: [0, 2] }, all.filter((n) => n % 2 === 1 && n % 3 !== 1)],
        [{ half: 7 }, []],
      ];
      const ends = [null, 0, 1, 30, 89, 90, 91, 1000, -1, -30, -89, -90, -91, -1000, 2 ** 53 - 1];
      for (const [where, list] of lists) {
        const newest = [...list].reverse();
        for (const start of [0, 1, 30, 90, 1000, -1, -30, -90, -1000, 1 - 2 ** 53]) {
          for (const end of ends) {
            const found = await numbers(server, { where, start, end });
            const wanted = newest.slice(start, end ?? undefined);
            assert.deepEqual(found, wanted, JSON.stringify({ where, start, end }));
          }
        }
      }
    },
  },
  {
    name: "a page far from the newest is found, and has at most 10,000 items",
    async run(open) {
      const server = open({ keys: ["k", "half"] });
      for (const part of range(12)) {
        await collect(
          server,
          "s",
          range(1000).map((index) => {
            const n = part * 1000 + index;
            return { n, k: 1, half: n % 2 };
          }),
        );
      }
      const deep = { start: 11_000, end: 11_003 };
      assert.deepEqual(await numbers(server, deep), [999, 998, 997]);
      assert.deepEqual(await numbers(server, { ...deep, where: { k: 1 } }), [999, 998, 997]);
      const where = { k: 1, half: 0 };
      assert.deepEqual(await numbers(server, { where, start: 5998 }), [2, 0]);
      assert.deepEqual(await numbers(server, { where, start: -2 }), [2, 0]);
      assert.equal((await numbers(server)).length, 10_000);
      for (const filter of [{}, { k: 1 }, { k: 1, half: [0, 1] }]) {
        const found = await numbers(server, { where: filter, start: -11_000 });
        assert.deepEqual([found.length, found[0], found.at(-1)], [10_000, 10_999, 1000]);
      }
    },
  },
];
