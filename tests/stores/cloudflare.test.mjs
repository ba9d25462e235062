// What Cloudflare's databases refuse (more than 100 parameters, 100 kB of statement, 2 MB of row or
// text) and a store over them must never ask for.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { StreamClient, Stride } from "sluicebox";
import { at } from "../../pkg/scripts/lib.mjs";
import { startMiniflare } from "../hosts/miniflare.mjs";

let worker;

before(async () => {
  worker = await startMiniflare(at("tests/stores/worker_server.mjs"), {
    d1Databases: ["D1"],
    durableObjects: { Events: { className: "Events", useSQLite: true } },
  });
});

after(() => worker?.close());

const range = (count) => Array.from({ length: count }, (_, n) => n);

for (const [name, path] of [
  ["D1", "/d1"],
  ["the SQLite of a Durable Object", "/object"],
]) {
  const stream = () => new StreamClient(worker.url + path);
  const stride = () => new Stride("key", { endpoint: `${worker.url}${path}/v1` });
  const collect = (to, events) =>
    fetch(`${worker.url}${path}/v1/collect/${to}`, {
      method: "POST",
      body: JSON.stringify(events),
    });
  const items = (where, end = 20) => stream().items({ where, end });
  const numbers = async (where, end) => (await items(where, end)).map(({ n }) => n);

  test(`${name}: ten thousand events of one call`, async () => {
    const events = range(10_000).map((n) => ({
      n,
      kind: `kind ${n % 500}`,
      text: "x".repeat(200),
    }));
    assert.equal((await collect("many", events)).status, 200);
    assert.equal((await stride().get("/collect/many")).data.count, 10_000);
    const newest = await numbers({ $stream: "many" }, 10_000);
    assert.deepEqual(newest, range(10_000).reverse());
    assert.deepEqual(await numbers({ $stream: "many", kind: "kind 7" }, 3), [9507, 9007, 8507]);
  });

  test(`${name}: a filter of 400 values, and one of three keys`, async () => {
    const kind = range(400).map((n) => `kind ${n + 100}`);
    assert.deepEqual(await numbers({ $stream: "many", kind }, 2), [9999, 9998]);
    const where = { $stream: "many", kind, n: 9105, text: "x".repeat(200) };
    assert.deepEqual(await numbers(where), [9105]);
  });

  test(`${name}: an event of 1.4 MB is kept, one of 1.6 MB refused`, async () => {
    const text = "ä".repeat(700_000);
    assert.equal((await collect("large", { n: 1, body: text })).status, 200);
    const refused = await collect("large", [{ n: 2 }, { n: 3, body: "y".repeat(1_600_000) }]);
    assert.equal(refused.status, 413);
    const [{ n, body }, ...more] = await items({ $stream: "large" });
    assert.deepEqual([n, body === text, more.length], [1, true, 0]);
  });

  test(`${name}: twice an event of 1.4 MB in one call`, async () => {
    const events = range(2).map((n) => ({ n, body: "z".repeat(1_400_000) }));
    assert.equal((await collect("two_large", events)).status, 200);
    assert.deepEqual(await numbers({ $stream: "two_large" }), [1, 0]);
    const { data: live } = await stride().subscribe("/collect/two_large", { after: "unknown" });
    assert.deepEqual([(await live.next()).value.n, (await live.next()).value.n], [0, 1]);
    live.close();
  });

  test(`${name}: an indexed value of 1 MB, a NUL and odd characters`, async () => {
    for (const text of ["w".repeat(1_000_000), "a\0b", "'; DROP TABLE events; --", "\u{1F30A}?"]) {
      assert.equal((await collect("odd", { n: text.length, text })).status, 200);
      const [found, ...more] = await items({ $stream: "odd", text });
      assert.deepEqual([found.text === text, more.length], [true, 0]);
    }
  });

  test(`${name}: calls at the same time are kept, each event once`, async () => {
    const calls = range(24).map((call) =>
      collect(
        "busy",
        range(50).map((n) => ({ $id: `id ${(call >> 1) * 50 + n}`, n: (call >> 1) * 50 + n })),
      ),
    );
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    assert.deepEqual(new Set(statuses), new Set([200]));
    const all = await numbers({ $stream: "busy" }, 10_000);
    assert.deepEqual(
      all.sort((a, b) => a - b),
      range(600),
    );
  });

  test(`${name}: live events come to who was there before`, async () => {
    const { data: live } = await stride().subscribe("/collect/followed");
    for (const n of [1, 2, 3]) {
      await collect("followed", { n });
      assert.equal((await live.next()).value.n, n);
    }
    live.close();
  });

  test(`${name}: a stream of ten thousand events is dropped whole`, async () => {
    assert.equal((await stride().delete("/collect/many")).statusCode, 200);
    assert.equal((await stride().get("/collect/many")).statusCode, 404);
    assert.deepEqual(await numbers({ kind: "kind 7" }), []);
  });
}

test("what an insert, a page and a reader that comes back cost does not grow with the stream", async () => {
  const url = `${worker.url}/object`;
  const rows = async (path, body) => {
    const response = await fetch(url + path, { method: "POST", body: JSON.stringify(body) });
    assert.equal(response.status, 200, await response.text());
    return Number(response.headers.get("rows"));
  };
  const follow = async (stream, after) => {
    const stop = new AbortController();
    const path = `/v1/collect/${stream}/subscribe?after=${after}`;
    const response = await fetch(url + path, { signal: stop.signal });
    stop.abort();
    return Number(response.headers.get("rows"));
  };
  const costs = async (stream) => [
    await rows(`/v1/collect/${stream}`, { $id: `${stream} last`, kind: "rare", n: 1 }),
    await rows("/", { method: "items", kwargs: { $stream: stream, end: 10 } }),
    await rows("/", {
      method: "items",
      kwargs: { $stream: stream, kind: ["rare", "common"], end: 10 },
    }),
    await follow(stream, `${stream} last`),
  ];
  const events = (count) => range(count).map((n) => ({ kind: "common", n }));
  await rows("/v1/collect/small", events(50));
  await rows("/v1/collect/big", events(5000));
  const [small, big] = [await costs("small"), await costs("big")];
  // A page of 10 reads about 20 rows, a leap through two lists some more.
  assert.ok(
    big.every((cost, index) => cost <= small[index] + 10 && cost < 250),
    `rows: ${small} of 50 events, ${big} of 5,000`,
  );
});

test("nothing was complained about", () => {
  assert.equal(worker.output(), "");
});
