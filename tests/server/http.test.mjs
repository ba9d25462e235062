// The protocols over real HTTP: bodies packed and plain, limits, keys, CORS.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { createServer, memory, SluiceboxError } from "sluicebox/server";
import { serve } from "sluicebox/node";
import { basic, post, rpc, served } from "./support.mjs";

const GZIP = { "content-encoding": "gzip" };

test("events come plain and packed, one, many and for several streams", async (t) => {
  const { url } = await served(t, { keys: ["n"] });
  assert.deepEqual(await post(`${url}/v1/collect/a`, { n: 1 }), [200, ""]);
  assert.deepEqual(await post(`${url}/v1/collect/a`, gzipSync('[{"n":2},{"n":3}]'), GZIP), [
    200,
    "",
  ]);
  assert.deepEqual(await post(`${url}/v1/collect`, { a: [{ n: 4 }], b: { n: 5 } }), [200, ""]);
  const large = Array.from({ length: 5000 }, (_, n) => ({ n: n + 10, text: `${Math.random()}` }));
  const packed = gzipSync(JSON.stringify(large));
  assert.ok(packed.length > 20_000);
  assert.deepEqual(await post(`${url}/v1/collect/c`, packed, GZIP), [200, ""]);
  assert.deepEqual(await (await fetch(`${url}/v1/collect`)).json(), ["a", "b", "c"]);
  const { count } = await (await fetch(`${url}/v1/collect/c`)).json();
  assert.equal(count, 5000);
  const { result } = await rpc(url, "items", [0, 10], { n: [1, 2, 3, 4, 5] });
  assert.deepEqual(result, [{ n: 5 }, { n: 4 }, { n: 3 }, { n: 2 }, { n: 1 }]);
});

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

test("broken bodies are refused in each protocol's way", async (t) => {
  const { url } = await served(t);
  const half = gzipSync('{"a":1}').subarray(0, 12);
  const [status, body] = await post(`${url}/v1/collect/s`, half, GZIP);
  assert.equal(status, 400);
  assert.equal(JSON.parse(body).message, "the body could not be unpacked");
  assert.deepEqual(
    await post(`${url}/v1/track`, new Uint8Array([0, 1]), { ...GZIP, ...basic("wk") }),
    [500, "failed to read body from request\n"],
  );
  assert.equal((await post(url, half, GZIP))[0], 400);
  for (const text of ["", "{not json", "<html>", "\u0000", "[".repeat(100_000)]) {
    assert.equal((await post(`${url}/v1/collect/s`, text))[0], 400, text.slice(0, 10));
    assert.equal((await post(url, text))[0], 400, text.slice(0, 10));
  }
});

test("a body larger than the limit is not read to its end, packed or plain", async (t) => {
  const { url } = await served(t, { maxBodyBytes: 100_000 });
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, " "));
  const since = performance.now();
  assert.equal((await post(`${url}/v1/collect/s`, bomb, GZIP))[0], 413);
  assert.ok(performance.now() - since < 1500, "unpacking stopped at the limit");
  assert.equal((await post(`${url}/v1/collect/s`, `[${" ".repeat(200_000)}]`))[0], 413);
  assert.deepEqual(await post(`${url}/v1/track`, " ".repeat(200_000), basic("wk")), [
    413,
    "request size exceeds max limit\n",
  ]);
  assert.equal((await post(`${url}/v1/collect/s`, `[${" ".repeat(90_000)}]`))[0], 200);
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

test("RudderStack's gateway answers byte by byte", async (t) => {
  const { url } = await served(t, { apiKeys: { wk: "write" } });
  const event = '{"userId":"u1","event":"E"}';
  const form = { "content-type": "application/x-www-form-urlencoded" };
  assert.deepEqual(
    await post(`${url}/v1/track`, gzipSync(event), { ...GZIP, ...form, ...basic("wk") }),
    [200, "ok"],
  );
  assert.deepEqual(await post(`${url}/v1/track`, event), [
    401,
    "failed to read writekey from header\n",
  ]);
  assert.deepEqual(await post(`${url}/v1/track`, event, basic("xx")), [401, "invalid write key\n"]);
  const refused = await fetch(`${url}/v1/track`, {
    method: "POST",
    body: "{",
    headers: basic("wk"),
  });
  assert.equal(refused.status, 400);
  assert.equal(refused.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.equal(refused.headers.get("x-content-type-options"), "nosniff");
  assert.equal(await refused.text(), "invalid json\n");
  const pixel = await fetch(`${url}/pixel/v1/page?writeKey=wk&anonymousId=a`);
  assert.equal(pixel.headers.get("content-type"), "image/gif");
  assert.equal((await pixel.arrayBuffer()).byteLength, 43);
  const batch = '{"batch":[{"anonymousId":"a","type":"page"}]}';
  assert.deepEqual(await post(`${url}/beacon/v1/batch?writeKey=wk`, batch), [200, "ok"]);
  assert.equal((await fetch(`${url}/health`, { method: "HEAD" })).status, 200);
});

test("keys decide who may do what in every protocol", async (t) => {
  const { url } = await served(t, { apiKeys: { open: "write", look: "read", root: "admin" } });
  assert.equal((await post(`${url}/v1/collect/s`, {}))[0], 401);
  assert.equal((await post(`${url}/v1/collect/s`, {}, basic("look")))[0], 403);
  assert.equal((await post(`${url}/v1/collect/s`, {}, basic("open")))[0], 200);
  const bearer = { authorization: "Bearer look" };
  const insert = { method: "insert", args: [{}] };
  const items = { method: "items" };
  assert.equal((await post(url, items))[0], 401);
  assert.equal((await post(url, items, basic("open")))[0], 403);
  assert.equal((await post(url, items, bearer))[0], 200);
  assert.equal((await post(url, insert, bearer))[0], 403);
  assert.equal((await post(url, insert, basic("root")))[0], 200);
});

test("pages of other origins may call when they are allowed to", async (t) => {
  const one = await served(t, { cors: ["https://a.example"] });
  const headers = {
    origin: "https://a.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "AnonymousId, SentAt, Authorization",
  };
  for (const path of ["/v1/track", "/v1/collect/s", "/", "/subscribe"]) {
    const allowed = await fetch(one.url + path, { method: "OPTIONS", headers });
    assert.equal(allowed.status, 204);
    assert.deepEqual(
      Object.fromEntries([...allowed.headers].filter(([name]) => /^(vary|access)/.test(name))),
      {
        vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "AnonymousId, SentAt, Authorization",
        "access-control-allow-credentials": "true",
        "access-control-max-age": "900",
      },
    );
  }
  const other = { ...headers, origin: "https://b.example" };
  const refused = await fetch(`${one.url}/v1/track`, { method: "OPTIONS", headers: other });
  assert.equal(refused.headers.get("access-control-allow-origin"), null);
  const answer = await fetch(`${one.url}/v1/collect`, { headers });
  assert.equal(answer.headers.get("access-control-allow-origin"), "https://a.example");
  assert.equal(answer.headers.get("vary"), "Origin");
  const all = await served(t, { cors: "*" });
  const any = await fetch(`${all.url}/v1/collect`, { headers: { origin: "null" } });
  assert.equal(any.headers.get("access-control-allow-origin"), "null");
});

test("two hundred requests at once are all answered and all stored", async (t) => {
  const { url } = await served(t, { keys: ["n"] });
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) => post(`${url}/v1/collect/s`, { n, $id: `e${n}` })),
  );
  assert.deepEqual(new Set(answers.map(([status]) => status)), new Set([200]));
  const { count } = await (await fetch(`${url}/v1/collect/s`)).json();
  assert.equal(count, 200);
});

test("the same server answers Request with Response, and its own calls", async (t) => {
  const server = createServer({ store: memory({ keys: ["user"] }) });
  t.after(() => server.close());
  const body = new Blob([gzipSync('[{"user":1},{"user":2}]')]).stream();
  const request = new Request("https://x.example/v1/collect/s?x=1#y", {
    method: "POST",
    body,
    duplex: "half",
    headers: GZIP,
  });
  const response = await server.fetch(request);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), null);
  const date = new Date(Date.UTC(2020, 0, 1));
  assert.equal(await server.insert({ user: 3 }, { stream: "t", date, id: "mine" }), "mine");
  assert.equal(await server.insert({ user: 3 }, { stream: "t", id: "mine" }), "mine");
  assert.match(await server.insert({ user: 4 }), /^[0-9a-f-]{36}$/);
  assert.deepEqual(await server.items(), [{ user: 4 }, { user: 2 }, { user: 1 }, { user: 3 }]);
  assert.deepEqual(await server.items({ where: { user: [1, "3"] }, start: 1 }), [{ user: 3 }]);
  assert.deepEqual(await server.items({ stream: "s", end: 1 }), [{ user: 2 }]);
  await assert.rejects(server.items({ where: { zzz: 1 } }), {
    code: "invalid_argument",
    message: '"where": KeyError: zzz is not indexed (keys: user)',
  });
  await server.close();
  assert.equal((await server.fetch(new Request("https://x.example/"))).status, 503);
  await assert.rejects(server.items(), { code: "not_running" });
});

test("wrong arguments throw and are named", async () => {
  for (const [make, name] of [
    [() => createServer({ store: {} }), "store"],
    [() => createServer({ apiKeys: { k: "owner" } }), "apiKeys"],
    [() => createServer({ apiKeys: "k" }), "apiKeys"],
    [() => createServer({ cors: "https://a.example" }), "cors"],
    [() => createServer({ maxBodyBytes: 0 }), "maxBodyBytes"],
    [() => createServer({ dedupeWindow: -1 }), "dedupeWindow"],
    [() => createServer(7), "options"],
    [() => memory({ keys: "user" }), "keys"],
    [() => memory({ keys: ["start"] }), "keys"],
    [() => memory({ maxBytes: "1 GB" }), "maxBytes"],
    [() => serve({}), "server"],
    [() => serve(createServer(), { port: 65_536 }), "port"],
    [() => serve(createServer(), { host: 7 }), "host"],
    [() => createServer().insert([]), "event"],
    [() => createServer().insert({}, { date: new Date(NaN) }), "date"],
    [() => createServer().items({ start: 0.5 }), "start"],
  ]) {
    await assert.rejects(
      async () => make(),
      (error) => {
        assert.ok(error instanceof SluiceboxError, String(error));
        assert.equal(error.code, "invalid_argument");
        assert.match(error.message, new RegExp(`"${name}"`));
        return true;
      },
    );
  }
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
