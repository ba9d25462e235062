// Whatever texts there are: they are kept as they came, and each is found by itself alone.

import assert from "node:assert/strict";
import { call, collect, numbers, range } from "./tools.mjs";

const LONG = "v".repeat(100_000);
const TEXTS = [
  "a\0b",
  "a\0c",
  "\0",
  "\ud800",
  "\ud800x",
  "🌊",
  "\u{1F30A}\u{FE0F}",
  "hé",
  "he\u0301",
  "HÉ",
  "%",
  "_",
  "a%",
  "'",
  '"',
  "\\",
  "\\u0000",
  "a'; DROP TABLE events; --",
  '") OR 1=1 --',
  "$1",
  "?1",
  "{t}",
  "line\nline\r\nline",
  " ",
  "",
  "null",
  "__proto__",
  "constructor",
  "*",
  "[a-z]",
  LONG,
  `${LONG}x`,
];

export const texts = [
  {
    name: "every text is kept as it came, and found by itself alone",
    async run(open) {
      const server = open({ keys: ["v"] });
      await collect(
        server,
        "s",
        TEXTS.map((v, n) => ({ n, v })),
      );
      const items = await server.items({ end: null });
      assert.deepEqual(
        items.map(({ v }) => v),
        [...TEXTS].reverse(),
      );
      for (const [n, v] of TEXTS.entries()) {
        assert.deepEqual(await numbers(server, { where: { v } }), [n], JSON.stringify(v));
      }
    },
  },
  {
    name: "every text may be an id",
    async run(open) {
      const server = open({ keys: [] });
      const ids = [...TEXTS.filter((text) => text.length < 1000), "i".repeat(10_000)];
      const events = ids.map(($id, n) => ({ $id, n }));
      await collect(server, "s", events);
      await collect(server, "s", events);
      assert.deepEqual(await numbers(server), range(ids.length).reverse());
    },
  },
  {
    name: "every text may be a stream's name",
    async run(open) {
      const server = open({ keys: [] });
      // A call takes no unpaired surrogates: they would become the same character.
      const streams = TEXTS.filter((text) => text && text.length < 1000 && text.isWellFormed());
      streams.push("s".repeat(10_000), `${"s".repeat(10_000)}t`);
      for (const [n, stream] of streams.entries()) await server.insert({ n }, { stream });
      for (const [n, stream] of streams.entries()) {
        assert.deepEqual(await numbers(server, { stream }), [n], JSON.stringify(stream));
      }
      assert.deepEqual(await numbers(server), range(streams.length).reverse());
    },
  },
  {
    name: "a key may be any text",
    async run(open) {
      const keys = ["__proto__", "constructor", "a'b", 'a"b', "a b", "ü", "🌊", "k".repeat(1000)];
      const server = open({ keys });
      const own = (key, value) => JSON.parse(`{${JSON.stringify(key)}:${value}}`);
      for (const [n, key] of keys.entries()) await server.insert({ ...own(key, 1), n });
      for (const [n, key] of keys.entries()) {
        assert.deepEqual(await numbers(server, { where: own(key, 1) }), [n], key);
        assert.deepEqual(await numbers(server, { where: own(key, 2) }), [], key);
      }
    },
  },
  {
    name: "an event is given back as the text that it was",
    async run(open) {
      const server = open({ keys: ["a"] });
      const event =
        '{"a":1.50,"b":[ ],"__proto__":{"x":1},"big":12345678901234567890,"a\\u0000b":"\\ud83d"}';
      assert.equal((await call(server, "POST", "/v1/collect/s", event)).status, 200);
      const request = JSON.stringify({ id: 1, method: "items" });
      const response = await server.fetch(
        new Request("http://store.test/", { method: "POST", body: request }),
      );
      assert.equal(await response.text(), `{"id":1,"result":[${event}],"error":null}`);
    },
  },
];
