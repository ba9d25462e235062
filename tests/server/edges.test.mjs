// What happens at the edges: odd bodies, a full store, who goes away, how it ends.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { serve } from "sluicebox/node";
import { createServer, memory } from "sluicebox/server";

/** Listens on a free port until the test ends. */
async function served(t, options) {
  const listening = await serve(createServer(options), { port: 0 });
  t.after(() => listening.close());
  return listening;
}

test("a GET or DELETE may carry a body that nobody reads", async (t) => {
  const { port } = await served(t);
  const body = gzipSync("null");
  for (const method of ["GET", "DELETE"]) {
    const answer = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.write(
        `${method} /v1/collect/none HTTP/1.1\r\nhost: x\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      socket.write(body);
      // The connection must be good for another request.
      socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
      let text = "";
      socket.on("data", (chunk) => (text += chunk)).on("close", () => resolve(text));
    });
    assert.match(
      answer,
      /^HTTP\/1\.1 404 [^]*no stream of that name[^]*HTTP\/1\.1 200 OK[^]*ok\n$/,
    );
  }
});

test("a device that speaks HTTP/1.0 and no JSON sends its events in a line", async (t) => {
  const server = createServer();
  const { port, close } = await serve(server, { port: 0 });
  t.after(close);
  const answer = await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.write(
      "GET /api/events?accessKey=ak&bucketKey=bk&temp=20.5&room=living+room HTTP/1.0\r\n\r\n",
    );
    let text = "";
    socket.on("data", (chunk) => (text += chunk)).on("close", () => resolve(text));
  });
  assert.match(answer, /^HTTP\/1\.1 204 No Content\r\n/);
  assert.ok(answer.endsWith("\r\n\r\n"));
  const events = (await server.items({ stream: "bk" })).map(({ key, value }) => [key, value]);
  assert.deepEqual(events, [
    ["room", "living room"],
    ["temp", "20.5"],
  ]);
});

test("a target may be a whole URL, as a proxy is asked", async (t) => {
  const { port } = await served(t);
  for (const target of [
    "http://events.example/v1/collect?a=/b",
    "HTTP://events.example/v1/collect",
  ]) {
    const answer = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.write(`GET ${target} HTTP/1.1\r\nhost: events.example\r\nconnection: close\r\n\r\n`);
      let text = "";
      socket.on("data", (chunk) => (text += chunk)).on("close", () => resolve(text));
    });
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*\[\]$/, target);
  }
});

test("a body that goes on and on is cut", async (t) => {
  const { port } = await served(t, { maxBodyBytes: 1000 });
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  socket.write("POST /v1/collect/s HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
  const timer = setInterval(() => socket.write(`400\r\n${" ".repeat(1024)}\r\n`), 20);
  const answer = await new Promise((resolve) => socket.once("data", resolve));
  assert.match(answer.toString(), /^HTTP\/1\.1 413 /);
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(timer);
});

test("a full store refuses what is new and keeps what it has", async (t) => {
  const server = createServer({ store: memory({ maxBytes: 10_000 }) });
  t.after(() => server.close());
  await assert.rejects(
    async () => {
      for (;;) await server.insert({ text: "x".repeat(100) });
    },
    { code: "storage", message: 'the store is full: see "maxBytes"' },
  );
  const [first] = await server.items({ start: -1, end: null });
  assert.equal(first.text.length, 100);
});

test("whoever meets a full store is told when to come back", async (t) => {
  const { url } = await served(t, { store: memory({ maxBytes: 1000 }) });
  const text = "x".repeat(1000);
  const authorization = `Basic ${btoa("wk:")}`;
  for (const [path, body, status] of [
    ["/v1/collect/s", { text }, 507],
    ["/api/events?accessKey=ak&bucketKey=bk", { key: "k", value: text }, 507],
    ["/v1/track", { userId: "u", text }, 503],
  ]) {
    const init = { method: "POST", body: JSON.stringify(body), headers: { authorization } };
    const answer = await fetch(url + path, init);
    assert.equal(answer.status, status, path);
    assert.match(String(answer.headers.get("retry-after")), /^\d+$/, path);
  }
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
  // What holds it up is given ten seconds.
  assert.ok(performance.now() - since < 8000);
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
  await fetch(`${url}/v1/collect/s`, { method: "POST", body: '{"$id":"a"}' });
  const closing = close();
  late.write('{"a":1}');
  const lines = (await live.text()).split("\r\n").filter(Boolean);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).$id),
    ["a"],
  );
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
  const headers = { accept: "text/event-stream" };
  const sse = await server.fetch(new Request("http://x/subscribe", { headers }));
  const messages = sse.body.pipeThrough(new TextDecoderStream()).getReader();
  // An EventSource that loses the connection now goes on where it began.
  const begin = `id: ${sse.headers.get("last-event-id")}\nevent: ping\ndata\n\n`;
  assert.equal((await messages.read()).value, begin);
  const next = messages.read();
  await new Promise(setImmediate);
  [...timers][1].work();
  assert.equal((await next).value, "event: ping\ndata\n\n");
  await messages.cancel();
  await reader.cancel();
  assert.equal(timers.size, 0);
  await server.close();
});

test("an event that is nested too deeply is refused, whichever way it comes", async (t) => {
  const server = createServer();
  t.after(() => server.close());
  const body = `{"a":${"[".repeat(200)}${"]".repeat(200)}}`;
  await assert.rejects(server.insert(JSON.parse(body)), {
    code: "invalid_argument",
    message: '"event": it is nested too deeply',
  });
  const { status } = await server.fetch(
    new Request("http://x/v1/collect/s", { method: "POST", body }),
  );
  assert.equal(status, 400);
});
