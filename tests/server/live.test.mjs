// Live bodies over real HTTP.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { createServer, memory } from "sluicebox/server";
import { serve } from "sluicebox/node";
import { frames, post, served, take } from "./support.mjs";

const ids = (lines) => lines.map((line) => JSON.parse(line).$id);
const events = (from, to) => Array.from({ length: to - from }, (_, i) => ({ $id: `e${from + i}` }));

test("a subscriber sees each event as it comes, and goes on after an id", async (t) => {
  const { url } = await served(t);
  const live = await fetch(`${url}/v1/collect/s/subscribe`);
  assert.equal(live.headers.get("content-type"), "application/json");
  const seen = frames(live);
  for (const id of ["a", "b", "c"]) {
    await post(`${url}/v1/collect/s`, { $id: id });
    assert.deepEqual(ids(await take(1, seen)), [id]);
  }
  await seen.return();
  await post(`${url}/v1/collect/s`, events(0, 500));
  const again = frames(await fetch(`${url}/v1/collect/s/subscribe?after=b`));
  await post(`${url}/v1/collect/s`, events(500, 600));
  const wanted = ["c", ...events(0, 600).map(({ $id }) => $id)];
  assert.deepEqual(ids(await take(601, again)), wanted);
  await again.return();
});

test("EventSource's form carries ids and goes on by Last-Event-ID", async (t) => {
  const { url } = await served(t, { apiKeys: { k: "admin" } });
  const headers = { authorization: "Bearer k" };
  await post(`${url}/v1/collect/s`, events(0, 3), headers);
  const accept = { accept: "text/event-stream", "last-event-id": "e0" };
  const live = await fetch(`${url}/subscribe?key=k`, { headers: accept });
  assert.equal(live.headers.get("content-type"), "text/event-stream");
  const seen = frames(live, "\n\n");
  const [first, second] = await take(2, seen);
  assert.match(first, /^id: e1\ndata: \{"\$id":"e1","\$timestamp":"[^"]+"\}$/);
  assert.match(second, /^id: e2\n/);
  await seen.return();
});

test("a reader that stops reading holds nothing up and misses nothing", async (t) => {
  const { url, port, server } = await served(t);
  const slow = connect(port, "127.0.0.1");
  t.after(() => slow.destroy());
  slow.write("GET /v1/collect/s/subscribe HTTP/1.1\r\nhost: x\r\n\r\n");
  await new Promise((resolve) => slow.once("data", resolve));
  slow.pause();
  const filler = "x".repeat(2000);
  const before = process.memoryUsage();
  for (let round = 0; round < 40; round++) {
    const batch = events(round * 250, round * 250 + 250).map((event) => ({ ...event, filler }));
    assert.equal((await post(`${url}/v1/collect/s`, batch))[0], 200);
  }
  const grown = process.memoryUsage().heapUsed - before.heapUsed;
  assert.ok(grown < 30e6, `${grown} bytes more on the heap while 20 MB wait`);
  assert.equal((await server.items({ end: 1 }))[0].$id, "e9999");
  const seen = [];
  let rest = "";
  slow.on("data", (chunk) => {
    rest += chunk;
    for (const [, id] of rest.matchAll(/"\$id":"(e\d+)"/g)) seen.push(id);
    rest = rest.slice(rest.lastIndexOf('"$id":"') + 7).slice(-4000);
  });
  slow.resume();
  while (seen.at(-1) !== "e9999") await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(seen.length, 10_000);
  assert.equal(new Set(seen).size, 10_000);
});

test("a subscriber that goes away is forgotten", async () => {
  const server = createServer({ store: memory() });
  const { url, close } = await serve(server, { port: 0 });
  const aborter = new AbortController();
  const live = await fetch(`${url}/subscribe`, { signal: aborter.signal });
  aborter.abort();
  await assert.rejects(live.text());
  const since = performance.now();
  await close();
  assert.ok(performance.now() - since < 1000);
});

test("close ends live bodies whole and answers what was being sent", async () => {
  const server = createServer({ store: memory() });
  const { url, port, close } = await serve(server, { port: 0 });
  const live = await fetch(`${url}/subscribe`);
  const late = connect(port, "127.0.0.1");
  let answer = "";
  late.on("data", (chunk) => (answer += chunk));
  const gone = new Promise((resolve) => late.once("close", resolve));
  late.write("POST /v1/collect/s HTTP/1.1\r\nhost: x\r\ncontent-length: 7\r\n\r\n");
  await post(`${url}/v1/collect/s`, { $id: "a" });
  const closing = close();
  late.write('{"a":1}');
  const lines = (await live.text()).split("\r\n").filter(Boolean);
  assert.deepEqual(ids(lines), ["a"]);
  await Promise.all([closing, gone]);
  assert.match(answer, /^HTTP\/1\.1 200 /);
  await assert.rejects(fetch(url));
});

test("a silent body is kept alive without a timer when nobody listens", async (t) => {
  const timers = new Set();
  const { setInterval, clearInterval } = globalThis;
  t.after(() => Object.assign(globalThis, { setInterval, clearInterval }));
  globalThis.setInterval = (work, period) => {
    const timer = { work, period };
    timers.add(timer);
    return timer;
  };
  globalThis.clearInterval = (timer) => timers.delete(timer);
  const server = createServer({ store: memory() });
  const live = await server.fetch(new Request("http://x/subscribe"));
  const reader = live.body.getReader();
  const first = reader.read();
  assert.equal(timers.size, 1);
  const [{ work, period }] = timers;
  assert.ok(period >= 10_000 && period <= 15_000);
  work();
  assert.deepEqual([...(await first).value], [13, 10]);
  await reader.cancel();
  assert.equal(timers.size, 0);
  await server.close();
});
