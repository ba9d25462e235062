// The core traps, as WebAssembly does at a bug or where memory has run out: nobody sees it, another
// instance goes on, and every event arrives once. The core of these tests traps where it is told to.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createServer } from "sluicebox/server";
import { buildTrapping } from "../../pkg/scripts/build.mjs";

const file = pathToFileURL(await buildTrapping());

/** Each test has a page of its own, so to speak: after many traps the core waits. */
let Collector, Analytics, Streamer;
let pages = 0;
beforeEach(async () => {
  ({ Collector, Analytics, Streamer } = await import(`${file}?${pages++}`));
});
afterEach(() => delete globalThis.sluiceboxTraps);

/** The core traps the first `times` it comes to what `at` says is the place: (what, bytes) → boolean. */
function trap(at, times = 1) {
  const seen = { traps: 0 };
  globalThis.sluiceboxTraps = (what, bytes) => {
    if (seen.traps === times || !at(what, bytes)) return false;
    seen.traps++;
    return true;
  };
  return seen;
}

/** An offered event that is as large as `poisoned` makes it. */
const poison = (what, bytes) => what === "offer" && bytes > 1000;
const poisoned = (n) => ({ n, poison: "x".repeat(1000) });

const whenever = (wanted) => (what) => what === wanted;

/** A Collector over a stream server of its own, what the server has, and what onError was told. */
function collecting(options = {}) {
  const server = createServer();
  const failed = [];
  const collector = new Collector("key", {
    endpoint: "http://test/v1",
    fetch: async (url, init) => server.fetch(new Request(url, init)),
    onError: (error, events) => failed.push([error.code, events]),
    flushInterval: 1,
    ...options,
  });
  collector.start();
  const numbers = async () => (await server.items({ end: 10_000 })).map(({ n }) => n).reverse();
  return { collector, failed, numbers };
}

const upTo = (count) => Array.from({ length: count }, (_, n) => n);
const collect = (collector, from, to) => {
  for (let n = from; n < to; n++) collector.collect("stream", { n });
};

for (const [place, what] of [
  ["a call", "offer"],
  ["a timer", "timer"],
  ["an answer", "answer"],
]) {
  test(`after a trap in ${place} all events are delivered, once and in order`, async () => {
    const { collector, failed, numbers } = collecting();
    const seen = trap(whenever(what));
    collect(collector, 0, 300);
    await collector.flush();
    collect(collector, 300, 400);
    const { pending } = await collector.flush();
    assert.equal(seen.traps, 1);
    assert.deepEqual(await numbers(), upTo(400));
    assert.deepEqual([pending, failed], [0, []]);
  });
}

test("a flush that was waited for when the core trapped is resolved", async () => {
  const { collector, numbers } = collecting({ flushInterval: 60_000 });
  collect(collector, 0, 5);
  const seen = trap(whenever("answer"));
  await collector.flush();
  assert.equal(seen.traps, 1);
  assert.deepEqual(await numbers(), upTo(5));
});

test("what was sent before a trap in the same burst is not sent with other ids", async () => {
  const { collector, numbers } = collecting({ batchSize: 10 });
  const seen = trap(poison);
  collect(collector, 0, 25);
  collector.collect("stream", poisoned(25));
  collect(collector, 26, 30);
  await collector.flush();
  assert.equal(seen.traps, 1);
  assert.deepEqual(await numbers(), upTo(30));
});

test("all clients of a page go on after a trap in one of them", async () => {
  const clients = upTo(3).map(() => collecting());
  for (const { collector } of clients) collect(collector, 0, 20);
  const seen = trap(whenever("answer"));
  await Promise.all(clients.map(({ collector }) => collector.flush()));
  for (const { collector } of clients) collect(collector, 20, 25);
  await Promise.all(clients.map(({ collector }) => collector.flush()));
  assert.equal(seen.traps, 1);
  for (const { numbers, failed } of clients) {
    assert.deepEqual(await numbers(), upTo(25));
    assert.deepEqual(failed, []);
  }
});

test("two traps one after the other lose nothing", async () => {
  const { collector, failed, numbers } = collecting();
  const seen = trap((what) => what === "answer" || what === "timer", 2);
  collect(collector, 0, 50);
  await collector.flush();
  assert.equal(seen.traps, 2);
  assert.deepEqual(await numbers(), upTo(50));
  assert.deepEqual(failed, []);
});

test("an event at which the core traps again is reported, and the others are delivered", async () => {
  const { collector, failed, numbers } = collecting();
  const seen = trap(poison, Infinity);
  collect(collector, 0, 7);
  collector.collect("stream", poisoned(7));
  collect(collector, 8, 20);
  await collector.flush();
  assert.equal(seen.traps, 2);
  assert.deepEqual(
    await numbers(),
    upTo(20).filter((n) => n !== 7),
  );
  assert.deepEqual(failed, [["wasm_unavailable", [poisoned(7)]]]);
});

test("a client that was stopped sends nothing after a trap", async () => {
  const { collector, numbers } = collecting();
  const other = collecting();
  await collector.stop();
  trap(whenever("offer"));
  collect(other.collector, 0, 3);
  await other.collector.flush();
  assert.deepEqual(await numbers(), []);
  assert.deepEqual(await other.numbers(), upTo(3));
  collector.start();
  collect(collector, 0, 2);
  await collector.flush();
  assert.deepEqual(await numbers(), upTo(2));
});

test("every face goes on", async () => {
  const server = createServer();
  const fetch = async (url, init) => server.fetch(new Request(url, init));
  const analytics = new Analytics({ writeKey: "analytics", dataPlaneUrl: "http://test", fetch });
  const streamer = new Streamer({
    accessKey: "key",
    bucketKey: "bucket",
    endpoint: "http://test",
    fetch,
  });
  trap(whenever("offer"));
  for (let n = 0; n < 10; n++) {
    analytics.track(`event ${n}`);
    streamer.log("n", n);
  }
  await Promise.all([analytics.flush(), streamer.flush()]);
  const tracked = await server.items({ stream: "analytics" });
  assert.deepEqual(
    tracked.map(({ event }) => event).reverse(),
    upTo(10).map((n) => `event ${n}`),
  );
  const logged = await server.items({ stream: "bucket" });
  assert.deepEqual(logged.map(({ value }) => value).reverse(), upTo(10));
});
