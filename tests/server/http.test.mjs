// The stream server over real HTTP, with our own clients and with requests nobody should send.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { SluiceboxError, Stride, StreamClient, Streamer } from "sluicebox";
import { serve } from "sluicebox/node";
import { createServer, memory } from "sluicebox/server";

const MIB = 1024 * 1024;
let listening, url, server;

before(async () => {
  server = createServer({ store: memory({ keys: ["kind", "user"] }), cors: ["https://a.example"] });
  listening = await serve(server, { port: 0 });
  url = listening.url;
});

after(() => listening.close());

const post = (path, body, headers = {}) =>
  fetch(url + path, { method: "POST", body, headers, duplex: "half" });

const collect = (stream, events, headers) =>
  post(
    `/v1/collect/${stream}`,
    headers ? gzipSync(JSON.stringify(events)) : JSON.stringify(events),
    headers,
  );

const GZIP = { "content-encoding": "gzip" };

test("collect takes plain and compressed bodies, and items gives both back", async () => {
  for (const headers of [undefined, GZIP]) {
    const response = await collect("plain", [{ kind: "x", gzip: !!headers }], headers);
    assert.deepEqual([response.status, await response.text()], [200, ""]);
  }
  const items = await server.items({ where: { kind: "x" }, stream: "plain" });
  assert.deepEqual(items, [
    { kind: "x", gzip: true },
    { kind: "x", gzip: false },
  ]);
});

test("a broken body is the protocol's own error, and the next request works", async () => {
  const whole = gzipSync(JSON.stringify([{ a: 1 }]));
  const bomb = gzipSync(Buffer.alloc(64 * MIB, "["));
  const cases = [
    ["/v1/collect/bad", "{not json", {}, 400],
    ["/v1/collect/bad", whole.subarray(0, whole.length - 6), GZIP, 400],
    ["/v1/collect/bad", "not gzip", GZIP, 400],
    ["/v1/collect/bad", bomb, GZIP, 413],
    ["/v1/collect/bad", Buffer.alloc(5 * MIB, " "), {}, 413],
    ["/v1/collect/1bad", "{}", {}, 404],
    ["/v1/track", "{", { authorization: "Basic d2s6" }, 400],
    ["/v1/batch", "not gzip", { authorization: "Basic d2s6", ...GZIP }, 500],
    ["/v1/batch", bomb, { authorization: "Basic d2s6", ...GZIP }, 413],
    ["/", "{", {}, 400],
    ["/", bomb, GZIP, 413],
  ];
  for (const [path, body, headers, status] of cases) {
    const response = await post(path, body, headers);
    const text = await response.text();
    assert.equal(response.status, status, `${path} ${text}`);
    if (path.startsWith("/v1/collect")) assert.ok(JSON.parse(text).error, text);
    assert.equal((await collect("good", { a: 1 })).status, 200);
  }
  assert.deepEqual(await server.items({ stream: "bad" }), []);
});

test("RudderStack's answers are exact", async () => {
  const response = await post("/v1/track", '{"userId":"u1","event":"E"}', {
    authorization: "Basic d2s6",
  });
  assert.deepEqual([response.status, await response.text()], [200, "ok"]);
  assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
  const missing = await post("/v1/track", "{}");
  assert.deepEqual(
    [missing.status, await missing.text()],
    [401, "failed to read writekey from header\n"],
  );
});

test("two hundred requests at once are all answered", async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => collect("many", { i }, i % 2 ? GZIP : undefined)),
  );
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal((await server.items({ stream: "many", end: 300 })).length, 200);
});

test("a subscriber sees what is collected, and resumes after an id without gap or repeat", async () => {
  const stride = new Stride("key", { endpoint: `${url}/v1` });
  const { statusCode, data: live } = await stride.subscribe("/collect/live");
  assert.equal(statusCode, 200);
  await collect(
    "live",
    Array.from({ length: 50 }, (_, i) => ({ $id: `i${i}`, i })),
  );
  const seen = [];
  for await (const event of live) {
    seen.push(event.i);
    if (seen.length === 20) break;
  }
  assert.equal(live.state, "closed");
  assert.equal(live.lastEventId, "i19");
  const resumed = await stride.subscribe("/collect/live", { after: live.lastEventId });
  await collect("live", { $id: "i50", i: 50 });
  for await (const event of resumed.data) {
    seen.push(event.i);
    if (event.i === 50) break;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 51 }, (_, i) => i),
  );
});

test("a subscription that is refused says why", async () => {
  const stride = new Stride("key", { endpoint: `${url}/v1` });
  const { statusCode, data } = await stride.subscribe("/process/p");
  assert.equal(statusCode, 501);
  assert.match(data.error, /no processes/);
  const client = new StreamClient(url);
  await assert.rejects(client.subscribe({ where: { zzz: 1 } }), (error) => {
    assert.ok(error instanceof SluiceboxError);
    assert.equal(error.statusCode, 400);
    return /zzz/.test(error.message);
  });
});

test("a slow reader holds nothing up, costs no memory and misses nothing", async () => {
  const response = await fetch(`${url}/v1/collect/slow/subscribe`);
  const text = "x".repeat(1000);
  for (let batch = 0; batch < 20; batch++) {
    const events = Array.from({ length: 1000 }, (_, i) => ({ n: batch * 1000 + i, text }));
    assert.equal((await collect("slow", events)).status, 200);
  }
  const held = process.memoryUsage().external;
  assert.ok(held < 512 * MIB, `${held} bytes`);
  let rest = "";
  let next = 0;
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\r\n");
    rest = lines.pop();
    for (const line of lines.filter(Boolean)) assert.equal(JSON.parse(line).n, next++);
    if (next === 20_000) break;
  }
  assert.equal(next, 20_000);
});

test("pages of other origins may call only where cors says so", async () => {
  const preflight = (origin) =>
    fetch(`${url}/v1/track`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "AnonymousId, SentAt, Authorization",
      },
    });
  const allowed = await preflight("https://a.example");
  assert.equal(allowed.status, 204);
  const headers = Object.fromEntries(allowed.headers);
  assert.equal(headers["access-control-allow-origin"], "https://a.example");
  assert.equal(headers["access-control-allow-methods"], "POST");
  assert.equal(headers["access-control-allow-headers"], "AnonymousId, SentAt, Authorization");
  assert.equal(headers["access-control-allow-credentials"], "true");
  assert.equal(headers["access-control-max-age"], "900");
  assert.match(headers.vary, /Origin/);
  const refused = await preflight("https://b.example");
  assert.equal(refused.headers.get("access-control-allow-origin"), null);
});

test("our Streamer fills a bucket, which others query and follow", async () => {
  const live = await fetch(`${url}/subscribe?stream=attic`);
  const streamer = new Streamer({ accessKey: "ak", bucketKey: "attic", endpoint: url });
  streamer.log("temperature", 21.5, 1_790_000_000.25);
  streamer.logObject({ on: true, room: "é 😀" }, { epoch: 1_790_000_001 });
  const { delivered, ...rest } = await streamer.close();
  assert.equal(delivered, 3, JSON.stringify(rest));
  const sent = [
    { key: "temperature", value: 21.5, epoch: 1_790_000_000.25 },
    { key: "dict_on", value: true, epoch: 1_790_000_001 },
    { key: "dict_room", value: "é 😀", epoch: 1_790_000_001 },
  ];
  assert.deepEqual((await server.items({ stream: "attic" })).reverse(), sent);
  let text = "";
  for await (const chunk of live.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.split("\r\n").length > 3) break;
  }
  const seen = text.split("\r\n", 3).map((line) => JSON.parse(line));
  assert.deepEqual(
    seen.map(({ key, value, epoch }) => ({ key, value, epoch })),
    sent,
  );
});

test("a page is told how many calls are left, and may see it", async (t) => {
  const limited = createServer({ cors: "*", rateLimit: { calls: 1, seconds: 3600 } });
  const { url: base, close } = await serve(limited, { port: 0 });
  t.after(close);
  const origin = "https://a.example";
  const answers = [];
  // A window may end between two calls, but not twice.
  for (let call = 0; call < 3; call++) {
    const target = `${base}/api/events?accessKey=ak&bucketKey=bk&t=${call}`;
    answers.push(await fetch(target, { headers: { origin } }));
  }
  const limit = answers.find(({ status }) => status === 429).headers;
  const now = Date.now() / 1000;
  const reset = Number(limit.get("x-ratelimit-reset"));
  assert.ok(reset >= now - 60 && reset <= now + 3600, limit.get("x-ratelimit-reset"));
  // As long ago as a busy machine needs for three calls.
  assert.ok(Math.abs(reset - now - Number(limit.get("retry-after"))) < 60);
  assert.deepEqual(
    ["x-ratelimit-limit", "x-ratelimit-remaining"].map((name) => limit.get(name)),
    ["1", "0"],
  );
  const exposed = limit.get("access-control-expose-headers").toLowerCase();
  for (const name of ["limit", "remaining", "reset"]) {
    assert.ok(exposed.includes(`x-ratelimit-${name}`));
  }
});

test("with keys, each does what it may and nothing else", async () => {
  const keyed = createServer({ apiKeys: { open: "write", secret: "admin" } });
  const { url: base, close } = await serve(keyed, { port: 0 });
  const as = (key) => new Stride(key, { endpoint: `${base}/v1` });
  const status = async (promise) => (await promise).statusCode;
  assert.equal(await status(as("open").post("/collect/s", { a: 1 })), 200);
  assert.equal(await status(as("open").get("/collect")), 403);
  assert.equal(await status(as("secret").get("/collect")), 200);
  assert.equal(await status(as("nobody").post("/collect/s", { a: 1 })), 401);
  const reader = new StreamClient(base, { apiKey: "secret" });
  assert.deepEqual(await reader.items(), [{ a: 1 }]);
  await assert.rejects(new StreamClient(base, { apiKey: "open" }).items(), {
    code: "unauthorized",
  });
  await close();
});

test("a port in use is an error that names it", async () => {
  await assert.rejects(serve(createServer(), { port: listening.port }), (error) => {
    assert.equal(error.code, "invalid_argument");
    return error.message.includes(`"port" ${listening.port} is in use`);
  });
  await assert.rejects(serve(createServer(), { port: -1 }), /"port"/);
});

test("wrong options throw at the call and name the option", () => {
  const refuses = (options, words) =>
    assert.throws(
      () => createServer(options),
      (error) => {
        assert.ok(error.code === "invalid_argument", error);
        return words.test(error.message);
      },
    );
  refuses({ store: {} }, /"store"/);
  refuses({ apiKeys: { k: "root" } }, /"apiKeys"/);
  refuses({ cors: "https://a.example" }, /"cors"/);
  refuses({ maxBodyBytes: 0 }, /"maxBodyBytes"/);
  refuses({ dedupeWindow: -1 }, /"dedupeWindow"/);
  refuses({ rateLimit: 10 }, /"rateLimit"/);
  refuses({ rateLimit: { calls: 10 } }, /"rateLimit.seconds" must be a whole number from 1/);
  refuses({ rateLimit: { calls: 1.5, seconds: 1 } }, /"rateLimit.calls"/);
  refuses({ rateLimit: { calls: 1, seconds: 1e9 + 1 } }, /"rateLimit.seconds".* to 1000000000/);
  assert.throws(() => memory({ keys: "kind" }), /"keys"/);
  assert.throws(() => memory({ keys: ["start"] }), /"start"/);
});

test("insert and items work without HTTP too", async () => {
  const local = createServer({ store: memory({ keys: ["kind"] }) });
  const id = await local.insert({ kind: "a" }, { stream: "s", id: "mine" });
  assert.equal(id, "mine");
  await local.insert({ kind: "a" }, { stream: "s", id: "mine" });
  await local.insert({ kind: "old" }, { date: new Date(0) });
  const again = { $id: "from elsewhere" };
  const ids = [
    await local.insert(again, { stream: "t" }),
    await local.insert(again, { stream: "t" }),
  ];
  assert.deepEqual(ids, ["from elsewhere", "from elsewhere"]);
  assert.deepEqual(await local.items({ stream: "t" }), [again]);
  assert.deepEqual(await local.items({ where: { kind: ["a", "old"] } }), [
    { kind: "a" },
    { kind: "old" },
  ]);
  assert.deepEqual(await local.items({ stream: "s" }), [{ kind: "a" }]);
  await assert.rejects(local.items({ where: { zzz: 1 } }), /zzz/);
  await assert.rejects(local.insert([1]), /"event"/);
  await local.close();
  await assert.rejects(local.insert({}), { code: "not_running" });
});

test("items refuses a query that is none, and goes on", async () => {
  for (const [query, words] of [
    [{ stream: 5 }, '"stream" must be a string'],
    [{ stream: ["default"] }, '"stream" must be a string'],
    [{ start: "1" }, '"start" must be a whole number'],
    [{ end: 1.5 }, '"end" must be a whole number'],
    [{ where: 5 }, '"where" must be an object'],
  ]) {
    await assert.rejects(server.items(query), { code: "invalid_argument", message: words });
  }
  assert.deepEqual(await server.items({ stream: "nobody's" }), []);
});

test("the handler is a function from Request to Response, wherever those exist", async () => {
  const local = createServer({ store: memory({ keys: ["kind"] }) });
  const ask = (path, init) => local.fetch(new Request(`https://edge.example${path}`, init));
  const body = gzipSync('[{"kind":"a"},{"kind":"b"}]');
  const init = { method: "POST", body, headers: GZIP };
  assert.equal((await ask("/v1/collect/s", init)).status, 200);
  const call = '{"id":1,"method":"items","args":[],"kwargs":{"kind":"b"}}';
  const answer = await ask("/", { method: "POST", body: call });
  assert.deepEqual(await answer.json(), { id: 1, result: [{ kind: "b" }], error: null });
  const live = await ask("/v1/collect/s/subscribe");
  const reader = live.body.pipeThrough(new TextDecoderStream()).getReader();
  await local.insert({ kind: "c" }, { stream: "s" });
  assert.match((await reader.read()).value, /^\{"kind":"c",/);
  await reader.cancel();
  await local.close();
});

test("close ends live bodies and resolves", async () => {
  const { url: base, close } = await serve(createServer(), { port: 0 });
  const client = new StreamClient(base);
  const live = await client.subscribe({ reconnect: false });
  const ended = live.next();
  await close();
  assert.deepEqual(await ended, { value: undefined, done: true });
});
