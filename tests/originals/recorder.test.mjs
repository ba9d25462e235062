import assert from "node:assert/strict";
import { after, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { recorder } from "./recorder.mjs";

const open = [];
const start = async (answer) => {
  const server = await recorder(answer);
  open.push(server);
  return server;
};
after(() => Promise.all(open.map((server) => server.close())));

test("a request is kept with method, path, headers, unpacked body and time", async () => {
  const server = await start();
  const body = gzipSync('{"a":1}');
  const headers = { "content-encoding": "gzip", "x-one": "1" };
  await fetch(`${server.url}/p?q=1`, { method: "PUT", headers, body });
  const [request] = server.requests;
  assert.equal(request.method, "PUT");
  assert.equal(request.path, "/p?q=1");
  assert.equal(request.headers["x-one"], "1");
  assert.equal(request.text, '{"a":1}');
  assert.deepEqual(request.json, { a: 1 });
  assert.deepEqual(request.raw, body);
  assert.ok(request.at >= 0 && request.at < 60_000, `${request.at}`);
});

test("brotli is unpacked, and what cannot be unpacked says so", async () => {
  const server = await start();
  const post = (encoding, body) =>
    fetch(server.url, { method: "POST", headers: { "content-encoding": encoding }, body });
  await post("br", brotliCompressSync("text"));
  await post("gzip", "no gzip");
  assert.equal(server.requests[0].text, "text");
  assert.match(server.requests[1].text, /^cannot be unpacked: /);
  assert.equal(server.requests[1].json, undefined);
});

test("answers come in the order of the script, the last one again and again", async () => {
  const server = await start([
    { status: 503, headers: { "retry-after": "1" } },
    { body: { ok: true }, delay: 30 },
  ]);
  const first = await fetch(server.url);
  assert.deepEqual([first.status, first.headers.get("retry-after")], [503, "1"]);
  const since = performance.now();
  assert.deepEqual(await (await fetch(server.url)).json(), { ok: true });
  assert.ok(performance.now() - since >= 29);
  assert.deepEqual(await (await fetch(server.url)).json(), { ok: true });
});

test("an answer can be chosen by the request, or be none at all", async () => {
  const server = await start(({ path }) => (path === "/cut" ? { cut: true } : { status: 201 }));
  assert.equal((await fetch(server.url)).status, 201);
  await assert.rejects(fetch(`${server.url}/cut`));
  assert.equal((await server.until(2)).length, 2);
  await assert.rejects(server.until(3, 30), /2 of 3 requests/);
});

test("frames are written one by one", async () => {
  const server = await start([{ frames: ["a", [30, "b"]] }]);
  const chunks = [];
  for await (const chunk of (await fetch(server.url)).body) chunks.push(Buffer.from(chunk) + "");
  assert.deepEqual(chunks, ["a", "b"]);
});

test("a page of another origin may send any header, and its preflight is kept apart", async () => {
  const server = await start();
  const headers = {
    origin: "http://a.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,sentat",
  };
  const answer = await fetch(server.url, { method: "OPTIONS", headers });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers.get("access-control-allow-origin"), "http://a.example");
  assert.equal(answer.headers.get("access-control-allow-headers"), "authorization,sentat");
  assert.deepEqual([server.requests.length, server.preflights.length], [0, 1]);
});
