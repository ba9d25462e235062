// The stream server on Workers, with an object for each stream, as our clients and others see it.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Analytics, Collector, StreamClient, Streamer, Stride } from "sluicebox";
import { deployed } from "./deployed.mjs";

let start, worker;

before(async () => {
  start = await deployed("www/workers/server");
  worker = await start({ vars: { KEYS: "event,kind,key" } });
});

after(() => worker?.close());

const GZIP = { "content-encoding": "gzip" };
const temporary = () => mkdtempSync(join(tmpdir(), "sluicebox-objects-"));
const stream = () => new StreamClient(worker.url);
const itemsOf = ($stream, where) => stream().items({ where: { $stream, ...where } });
const listed = async () =>
  (await new Stride("k", { endpoint: `${worker.url}/v1` }).get("/collect")).data;
const post = (path, body, headers) => fetch(worker.url + path, { method: "POST", body, headers });

test("RudderStack's events are in the stream of their write key", async () => {
  const analytics = new Analytics({ writeKey: "shop", dataPlaneUrl: worker.url });
  for (const name of ["Signed Up", "Paid"]) analytics.track(name, {}, { userId: "u" });
  const { delivered } = await analytics.flush();
  assert.equal(delivered, 2);
  const [found, ...more] = await itemsOf("shop", { event: "Paid" });
  assert.deepEqual([found.event, found.userId, more.length], ["Paid", "u", 0]);
  const pixel = await fetch(`${worker.url}/pixel/v1/track?writeKey=by_pixel&event=Opened&userId=u`);
  assert.equal(pixel.status, 200);
  assert.equal((await itemsOf("by_pixel"))[0].event, "Opened");
});

test("Initial State's events are in the stream of their bucket", async () => {
  const streamer = new Streamer({
    accessKey: "ist_1",
    bucketKey: "house",
    bucketName: "My house",
    endpoint: worker.url,
  });
  streamer.log("temperature", 21.5);
  const { delivered } = await streamer.flush();
  assert.equal(delivered, 1);
  const [{ key, value }] = await itemsOf("house");
  assert.deepEqual([key, value], ["temperature", 21.5]);
  const url = "/api/events?accessKey=ist_1&bucketKey=garden&moisture=wet";
  assert.equal((await post(url)).status, 204);
  assert.equal((await itemsOf("garden"))[0].key, "moisture");
});

test("AwesomeStream's events are in the stream default", async () => {
  await stream().insert({ kind: "awesome", n: 1 });
  await stream().insert({ kind: "awesome", n: 2 });
  const found = await stream().items({ where: { kind: "awesome" } });
  assert.deepEqual(
    found.map(({ n }) => n),
    [2, 1],
  );
  assert.deepEqual(await itemsOf("default", { kind: "awesome" }), found);
});

test("one call of Stride's may carry events of several streams", async () => {
  const collector = new Collector("key", { endpoint: `${worker.url}/v1` });
  collector.start();
  for (const name of ["many_a", "many_b", "many_c"]) {
    collector.collect(name, { kind: name });
    collector.collect(name, { kind: "all" });
  }
  const { delivered } = await collector.flush();
  assert.equal(delivered, 6);
  for (const name of ["many_a", "many_b", "many_c"]) {
    const kinds = (await itemsOf(name)).map(({ kind }) => kind);
    assert.deepEqual(kinds, ["all", name]);
  }
});

test("a call for several streams keeps numbers that JavaScript cannot hold", async () => {
  const text = '{"exact":[{"kind":"x","n":12345678901234567890,"m":1.0}],"other":{"kind":"x"}}';
  const response = await post("/v1/collect", gzipSync(text), GZIP);
  assert.deepEqual([response.status, await response.text()], [200, ""]);
  const call = { id: 1, method: "items", kwargs: { $stream: "exact" } };
  const answer = await (await post("/", JSON.stringify(call))).text();
  assert.match(answer, /"n":12345678901234567890,"m":1\.0/);
});

test("a call for several streams with a bad one stores nothing, and says which it was", async () => {
  const good = { fine: [{ kind: "x" }] };
  const cases = [
    [JSON.stringify({ ...good, "1bad": [] }), 400, /"1bad" is no name of a stream/],
    [JSON.stringify({ ...good, bad: [1] }), 400, /"bad": events must be a JSON object/],
    [JSON.stringify({ ...good, bad: null }), 400, /"bad": events must be/],
    ['{"fine":[{"kind":"x"}],"bad":[1e400]}', 400, /"bad": events must be/],
    ["[]", 400, /an object of streams/],
    ["{", 400, /not valid JSON/],
    [Buffer.alloc(5 * 1024 * 1024, " "), 413, /larger than 4194304 bytes/],
    [gzipSync(Buffer.alloc(64 * 1024 * 1024, " ")), 413, /larger than 4194304 bytes/, GZIP],
    [
      JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`s${n}`, []]))),
      400,
      /more than 1000 streams/,
    ],
  ];
  for (const [body, status, words, headers] of cases) {
    const response = await post("/v1/collect", body, headers);
    const { error, message } = await response.json();
    assert.deepEqual([response.status, error], [status, message]);
    assert.match(error, words);
  }
  assert.deepEqual(await itemsOf("fine"), []);
});

test("a live subscription brings what comes to its stream", async () => {
  const stride = new Stride("key", { endpoint: `${worker.url}/v1` });
  const { data: live } = await stride.subscribe("/collect/live");
  const everything = await stream().subscribe();
  for (const n of [1, 2, 3]) {
    await stride.post("/collect/live", { kind: "x", n });
    assert.equal((await live.next()).value.n, n);
  }
  await stream().insert({ n: 4 });
  assert.equal((await everything.next()).value.n, 4);
  live.close();
  everything.close();
});

test("the list of streams has those with events, until they are dropped", async () => {
  const stride = new Stride("key", { endpoint: `${worker.url}/v1` });
  await stride.post("/collect/listed", { kind: "x" });
  await itemsOf("empty_stream");
  assert.ok((await listed()).includes("listed"));
  assert.ok(!(await listed()).includes("empty_stream"));
  assert.equal((await stride.get("/collect/listed")).data.count, 1);

  assert.equal((await stride.delete("/collect/listed")).statusCode, 200);
  assert.ok(!(await listed()).includes("listed"));
  assert.equal((await stride.get("/collect/listed")).statusCode, 404);

  await stride.post("/collect/listed", { kind: "y" });
  assert.ok((await listed()).includes("listed"));
});

test("what is no stream's business is answered too", async () => {
  const said = async (path) => {
    const response = await fetch(worker.url + path);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await said("/healthz"), [200, "ok\n"]);
  assert.equal((await said("/health"))[0], 200);
  assert.equal((await said("/api/versions"))[0], 200);
  assert.equal((await said("/v1/process"))[0], 501);
  assert.equal((await said("/v1/collect/1bad"))[0], 404);
  const nameless = await post("/v1/track", "{}");
  assert.equal(nameless.status, 401);
  assert.equal((await post("/api/events", "{}", { "x-is-accesskey": "k" })).status, 400);
});

test("a key may do what its role says, over all objects", async () => {
  const keys = { wk: "write", rk: "read", ops: "admin" };
  const persist = temporary();
  const objects = () =>
    readdirSync(persist, { recursive: true }).filter((path) => /[.]sqlite$/.test(path));
  const locked = await start({
    vars: { API_KEYS: JSON.stringify(keys), CORS: "https://a.example" },
    persist,
  });
  const as = (apiKey) => new Stride(apiKey, { endpoint: `${locked.url}/v1` });
  try {
    for (const path of ["/collect/s", "/collect"]) {
      const body = path === "/collect" ? { s: [{ n: 1 }], t: [{ n: 2 }] } : { n: 1 };
      const statuses = [];
      for (const key of ["wk", "rk", "nobody"]) {
        statuses.push((await as(key).post(path, body)).statusCode);
      }
      assert.deepEqual(statuses, [200, 403, 401], path);
    }
    const before = objects();
    assert.ok(before.length >= 3);
    for (const key of ["nobody", "toString"]) {
      assert.equal((await as(key).post("/collect/sneaked", { n: 1 })).statusCode, 401);
      assert.equal((await as(key).post("/collect", { sneaked: [], in: [] })).statusCode, 401);
    }
    assert.deepEqual(objects(), before);
    assert.deepEqual((await as("rk").get("/collect")).data, ["s", "t"]);
    assert.equal((await as("wk").get("/collect")).statusCode, 403);
    assert.equal((await as("wk").delete("/collect/s")).statusCode, 403);
    assert.equal((await as("ops").delete("/collect/s")).statusCode, 200);
    assert.deepEqual((await as("rk").get("/collect")).data, ["t"]);

    // A page of another origin sees the answer of a call for several streams.
    const response = await fetch(`${locked.url}/v1/collect`, {
      method: "POST",
      body: '{"s":[{"n":1}],"t":[{"n":2}]}',
      headers: { authorization: `Basic ${btoa("wk:")}`, origin: "https://a.example" },
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("access-control-allow-origin"), "https://a.example");
  } finally {
    await locked.close();
    rmSync(persist, { recursive: true });
  }
});

test("everything is still there when the objects start again", async () => {
  const persist = temporary();
  const vars = { KEYS: "event,kind,key" };
  let running = await start({ vars, persist });
  const get = async (path) => (await fetch(running.url + path)).json();
  const send = (path, body, headers) =>
    fetch(running.url + path, { method: "POST", body: JSON.stringify(body), headers });
  const collect = (events) => send("/v1/collect/kept", events);
  const items = async (kwargs) => {
    const { result } = await (await send("/", { id: 1, method: "items", kwargs })).json();
    return result.map(({ n, event, key }) => n ?? event ?? key);
  };
  try {
    await collect([1, 2, 3].map((n) => ({ $id: `id ${n}`, kind: n % 2 ? "odd" : "even", n })));
    await send(
      "/v1/track",
      { event: "Paid", userId: "u" },
      { authorization: `Basic ${btoa("wk:")}` },
    );
    const bucket = { "x-is-accesskey": "ist_1", "x-is-bucketkey": "house" };
    await send("/api/events", { key: "door", value: true }, bucket);
    await send("/", { id: 1, method: "insert", args: [{ n: 7 }] });

    await running.close();
    running = await start({ vars, persist });
    assert.deepEqual(await items({ $stream: "kept", kind: "odd" }), [3, 1]);
    assert.deepEqual(await items({ $stream: "wk" }), ["Paid"]);
    assert.deepEqual(await items({ $stream: "house" }), ["door"]);
    assert.deepEqual(await items({}), [7]);
    assert.deepEqual(await get("/v1/collect"), ["default", "house", "kept", "wk"]);

    // What was sent before and comes again is known, and a reader goes on where it was.
    await collect([
      { $id: "id 3", n: 3 },
      { $id: "id 4", n: 4 },
    ]);
    assert.deepEqual(await items({ $stream: "kept" }), [4, 3, 2, 1]);
    const client = new Stride("key", { endpoint: `${running.url}/v1` });
    const { data: live } = await client.subscribe("/collect/kept", { after: "id 2" });
    assert.deepEqual([(await live.next()).value.n, (await live.next()).value.n], [3, 4]);
    live.close();
  } finally {
    await running.close();
    rmSync(persist, { recursive: true });
  }
});

test("nothing was complained about", () => {
  assert.equal(worker.output(), "");
});
