// What has an end: heads, bodies, the time of a request, the patience with a reader.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { deflateRawSync, gzipSync } from "node:zlib";
import { serve } from "sluicebox/node";
import { createServer } from "sluicebox/server";

const MIB = 1024 * 1024;

/** What comes back on one connection until it ends. */
async function raw(t, port, parts) {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  for (const part of parts) socket.write(part);
  let text = "";
  socket.on("error", () => {});
  for await (const chunk of socket.setEncoding("latin1")) text += chunk;
  return text;
}

async function listen(t, options, serving) {
  const listening = await serve(createServer(options), { port: 0, ...serving });
  t.after(() => listening.close());
  return listening;
}

const HEAD = "POST /v1/collect/x HTTP/1.1\r\nhost: a\r\n";

test("an address and headers that are too large are answered 431 with the limit", async (t) => {
  const { port, url } = await listen(t);
  const long = "x".repeat(20_000);
  for (const request of [
    `GET /v1/collect/${long} HTTP/1.1\r\nhost: a\r\n\r\n`,
    `${HEAD}a: ${long}\r\n\r\n`,
  ]) {
    const answer = await raw(t, port, [request]);
    assert.match(answer, /^HTTP\/1\.1 431 .*larger than 16384 bytes\n$/s);
  }
  const fits = await fetch(`${url}/v1/collect/x?a=${"x".repeat(15_000)}`);
  assert.notEqual(fits.status, 431);
});

test("what is no HTTP is answered 400", async (t) => {
  const { port } = await listen(t);
  assert.match(
    await raw(t, port, ["hello\r\n\r\n"]),
    /^HTTP\/1\.1 400 .*no request of HTTP\/1\.1\n$/s,
  );
});

test("a request that does not arrive in time is answered 408", async (t) => {
  const { port } = await listen(t, {}, { requestTimeout: 300 });
  const slow = [HEAD, `${HEAD}content-length: 100\r\n\r\n{`];
  const answers = await Promise.all(slow.map((request) => raw(t, port, [request])));
  for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 408 /);
});

test("a request timeout that is none is refused", async () => {
  for (const requestTimeout of [0, 1.5, "1000", 2 ** 31]) {
    await assert.rejects(serve(createServer(), { port: 0, requestTimeout }), {
      code: "invalid_argument",
      message: /"requestTimeout" must be a whole number from 1 to 2147483647/,
    });
  }
});

test("a bomb is not unpacked, whichever way it comes", async (t) => {
  const server = createServer({ maxBodyBytes: MIB });
  const listening = await serve(server, { port: 0 });
  t.after(() => listening.close());
  const bomb = gzipSync(Buffer.alloc(64 * MIB, " "));
  // The head of a gzip file, and blocks that hold nothing.
  const empty = deflateRawSync("", { finishFlush: 2 });
  const blocks = Buffer.concat([bomb.subarray(0, 10), ...new Array(400_000).fill(empty)]);
  const headers = { "content-encoding": "gzip" };
  for (const body of [bomb, blocks]) {
    const request = () => ({ method: "POST", body, headers });
    const before = process.memoryUsage().rss;
    const direct = await server.fetch(new Request("http://a/v1/collect/x", request()));
    assert.equal(direct.status, 413);
    assert.equal((await fetch(`${listening.url}/v1/collect/x`, request())).status, 413);
    assert.ok(process.memoryUsage().rss - before < 48 * MIB);
  }
});

test("a connection that was opened ahead does not hold up close", async (t) => {
  const listening = await serve(createServer(), { port: 0 });
  const socket = connect(listening.port, "127.0.0.1");
  t.after(() => socket.destroy());
  await fetch(`${listening.url}/healthz`);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  const since = performance.now();
  await listening.close();
  await closed;
  // What holds it up is given ten seconds.
  assert.ok(performance.now() - since < 8000);
});

test("a reader that takes nothing for five minutes is ended, one that takes is not", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const server = createServer();
  const subscribe = () => server.fetch(new Request("http://a/subscribe"));
  const [idle, stuck] = await Promise.all([subscribe(), subscribe()]);
  const taken = [];
  const reading = (async () => {
    for await (const chunk of idle.body) taken.push(Buffer.from(chunk).toString());
  })();
  // One is held ready for who never reads; then he is waited for.
  await server.insert({ first: true });
  for (let minute = 0; minute < 5; minute += 1) {
    t.mock.timers.tick(60_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await assert.rejects(stuck.body.getReader().read(), /took nothing for 5 minutes/);
  await server.insert({ last: true });
  await server.close();
  await reading;
  assert.match(taken.join(""), /"first".*"last"/s);
});
