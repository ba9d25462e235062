// Streamer's calls, against an events API that records.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { runInNewContext } from "node:vm";
import { Streamer } from "sluicebox";
import { refuses } from "./errors.mjs";
import { eventually } from "./live.mjs";
import { startService } from "./service.mjs";

let service;

before(async () => (service = await startService()));
after(() => service.close());
beforeEach(() => service.reset());

const make = (options) =>
  new Streamer({
    accessKey: "ak",
    bucketKey: "bk",
    bucketName: "B N",
    endpoint: service.url,
    ...options,
  });

test("the bucket is made first, then its events follow with the headers of ISStreamer", async () => {
  const streamer = make({ bufferSize: 3 });
  for (const value of [1, 2.5, true, "x"]) streamer.log("t", value, 5);
  const ledger = await streamer.close();
  assert.deepEqual([ledger.accepted, ledger.delivered, ledger.pending], [4, 4, 0]);
  const [bucket, first, second] = service.requests;
  assert.equal(bucket.url, "/api/buckets");
  assert.deepEqual(bucket.body, { bucketKey: "bk", bucketName: "B N" });
  assert.deepEqual(first.body, [
    { key: "t", value: 1, epoch: 5 },
    { key: "t", value: 2.5, epoch: 5 },
    { key: "t", value: true, epoch: 5 },
  ]);
  assert.deepEqual(second.body, [{ key: "t", value: "x", epoch: 5 }]);
  for (const { headers } of service.requests) {
    assert.equal(headers["x-is-accesskey"], "ak");
    assert.equal(headers["x-is-bucketkey"], "bk");
    assert.equal(headers["accept-version"], "<=0.0.4");
    assert.equal(headers["content-type"], "application/json");
    assert.equal(headers.authorization, undefined);
    assert.equal(headers["content-encoding"], undefined);
  }
});

test("a client that logs nothing asks for nothing", async () => {
  make();
  make({ offline: true });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(service.requests, []);
});

test("the smaller of bufferSize and batchSize is what fills a request", async () => {
  for (const options of [{ batchSize: 2 }, { bufferSize: 2, batchSize: 5 }]) {
    service.reset();
    const streamer = make(options);
    for (const value of [1, 2, 3]) streamer.log("t", value);
    await streamer.close();
    assert.deepEqual(service.values(), [[1, 2], [3]]);
  }
});

const sent = (count) => eventually("it is sent", () => service.bodies().length >= count);

test("a full buffer is sent at once, and the rest with the end", async () => {
  const streamer = make({ bufferSize: 2, flushInterval: 600_000 });
  for (const value of [1, 2, 3]) streamer.log("t", value);
  await sent(1);
  assert.deepEqual(service.values(), [[1, 2]]);
  await streamer.close();
  assert.deepEqual(service.values(), [[1, 2], [3]]);
});

test("what does not fill a buffer is sent after the interval", async () => {
  const streamer = make({ bufferSize: 2, flushInterval: 300 });
  const since = performance.now();
  streamer.log("t", 3);
  await sent(1);
  const waited = performance.now() - since;
  assert.ok(waited >= 290, `${waited} ms`);
  assert.deepEqual(service.values(), [[3]]);
  await streamer.close();
});

test("the time is now in seconds, or what is given; what is no number is now", async () => {
  const streamer = make();
  const before = Date.now() / 1000;
  streamer.log("t", 1);
  streamer.log("t", 2, 1700000000.5);
  streamer.log("t", 3, NaN);
  streamer.log("t", 4, "yesterday");
  await streamer.close();
  const [[now, given, nan, text]] = service.bodies();
  const isNow = ({ epoch }) => epoch >= before && epoch <= Date.now() / 1000;
  assert.ok(isNow(now) && isNow(nan) && isNow(text));
  assert.equal(given.epoch, 1700000000.5);
});

test("logObject names members after what they are in, at one time", async () => {
  class Probe {
    celsius = 20;
    get fahrenheit() {
      return this.celsius * 1.8 + 32;
    }
    get broken() {
      throw new Error("no");
    }
    read() {}
  }
  const streamer = make({ bufferSize: 100 });
  streamer.logObject({ a: 1, b: 2 }, { epoch: 5 });
  streamer.logObject([1, 2], { keyPrefix: "cpu" });
  streamer.logObject([9], { keyPrefix: "" });
  streamer.logObject(["x", { deep: [1] }, null]);
  streamer.logObject(new Probe());
  streamer.logObject(new Map([["k", 1n]]));
  streamer.logObject(new Float32Array([0.5]));
  await streamer.close();
  const [events] = service.bodies();
  assert.deepEqual(
    events.map(({ key, value }) => [key, value]),
    [
      ["dict_a", 1],
      ["dict_b", 2],
      ["cpu_0", 1],
      ["cpu_1", 2],
      ["0", 9],
      ["list_0", "x"],
      ["list_1", '{"deep":[1]}'],
      ["list_2", "null"],
      ["Probe_celsius", 20],
      ["Probe_fahrenheit", 68],
      ["Probe_broken", "null"],
      ["dict_k", "1"],
      ["list_0", 0.5],
    ],
  );
  assert.deepEqual([events[0].epoch, events[1].epoch], [5, 5]);
  assert.equal(new Set(events.slice(8, 11).map(({ epoch }) => epoch)).size, 1);
});

test("logObject knows plain objects of any realm, and leaves out what is no value", async () => {
  const streamer = make({ bufferSize: 100 });
  streamer.logObject(runInNewContext("({ a: 1 })"));
  streamer.logObject(new Map([[Symbol("s"), 1]]).set({ x: 1 }, 2));
  streamer.logObject(new Set(["x"]));
  streamer.logObject({ f() {}, n: undefined, at: new Date(0), url: new URL("http://a.b/") });
  await streamer.close();
  assert.deepEqual(
    service.bodies()[0].map(({ key, value }) => [key, value]),
    [
      ["dict_a", 1],
      ["dict_Symbol(s)", 1],
      ['dict_{"x":1}', 2],
      ["list_0", "x"],
      ["dict_n", "null"],
      ["dict_at", "1970-01-01T00:00:00.000Z"],
      ["dict_url", '"http://a.b/"'],
    ],
  );
});

test("events logged before setBucket go to their own bucket", async () => {
  const streamer = make();
  streamer.log("key1", "starting");
  streamer.setBucket({ bucketName: "New", bucketKey: "nk" });
  assert.equal(streamer.bucketKey, "nk");
  streamer.log("key1", "starting");
  streamer.setBucket({ bucketName: "B N", bucketKey: "bk" });
  streamer.log("key1", "again");
  await streamer.close();
  const seen = service.requests.map(({ url, bucket, body }) => [
    url,
    bucket,
    body.length ?? body.bucketName,
  ]);
  assert.deepEqual(seen.filter(([, bucket]) => bucket === "bk")[0], ["/api/buckets", "bk", "B N"]);
  assert.deepEqual(
    seen.filter(([, bucket]) => bucket === "nk"),
    [
      ["/api/buckets", "nk", "New"],
      ["/api/events", "nk", 1],
    ],
  );
  assert.equal(seen.filter(([url]) => url === "/api/buckets").length, 2);
  const own = service.requests.filter(
    ({ url, bucket }) => url === "/api/events" && bucket === "bk",
  );
  assert.deepEqual(
    own.flatMap(({ body }) => body.map(({ value }) => value)),
    ["starting", "again"],
  );
});

test("a bucket without a key gets one, and without an event is made by flush", async () => {
  const streamer = new Streamer({ accessKey: "ak", endpoint: service.url });
  assert.match(streamer.bucketKey, /^[\da-f-]{36}$/);
  await streamer.flush();
  await streamer.close();
  const { bucketKey } = streamer;
  assert.deepEqual(
    service.requests.map(({ body }) => body),
    [{ bucketKey, bucketName: bucketKey }],
  );
});

test("offline nothing is sent, and the rows are CSV", async () => {
  const streamer = make({ offline: true });
  streamer.log("a", "v,1", 1.5);
  streamer.log("b", true, 2);
  streamer.log('say "hi"', "two\nlines", 3);
  streamer.logObject([false], { epoch: 4 });
  const ledger = await streamer.close();
  const rows = '1.5,a,"v,1"\r\n2,b,True\r\n3,"say ""hi""","two\nlines"\r\n4,list_0,False\r\n';
  assert.equal(await streamer.exportCsv(), rows);
  assert.deepEqual([ledger.accepted, ledger.pending, service.requests.length], [4, 4, 0]);
});

test("offline rows are bounded as a queue is", async () => {
  const told = [];
  const onError = ({ code }, [event], [bucket]) => told.push([code, event.value, bucket]);
  const streamer = make({ offline: true, queueSize: 2, onError });
  for (const value of [1, 2, 3]) streamer.log("t", value, 0);
  assert.equal(await streamer.exportCsv(), "0,t,2\r\n0,t,3\r\n");
  assert.deepEqual(told, [["queue_full", 1, "bk"]]);
  const { accepted, dropped, pending } = streamer.ledger();
  assert.deepEqual([accepted, dropped, pending], [3, 1, 2]);
  await assert.rejects(make().exportCsv(), { code: "invalid_argument" });
});

test("offline a row that is too large, or too many, gives way alone", async () => {
  const newest = make({ offline: true, queueSize: 2, overflow: "drop-newest" });
  for (const value of [1, 2, 3]) newest.log("t", value, 0);
  assert.equal(await newest.exportCsv(), "0,t,1\r\n0,t,2\r\n");
  const bytes = make({ offline: true, queueBytes: 20 });
  for (const value of [1, 2, "ü".repeat(8), 3]) bytes.log("t", value, 0);
  assert.equal(await bytes.exportCsv(), "0,t,1\r\n0,t,2\r\n0,t,3\r".slice(7) + "\n");
});

test("a response that cannot be printed is delivered all the same, and a repeated key is hidden", async (t) => {
  const printed = t.mock.method(console, "log", () => {});
  const fetch = async () => ({ status: 204, headers: new Headers(), text: async () => "" });
  const odd = make({ debugLevel: 3, fetch });
  odd.log("t", 1);
  assert.equal((await odd.close()).delivered, 1);
  service.script.buckets = [[201, "made for secret-key"]];
  const leaky = make({ debugLevel: 3, accessKey: "secret-key" });
  await leaky.close();
  const said = printed.mock.calls.map(({ arguments: [text] }) => text).join("\n");
  assert.match(said, /made for …/);
  assert.ok(!said.includes("secret-key"));
});

test("debug levels print what is logged, throw, and show answers; the key is never shown", async () => {
  const said = [];
  const [log, warn] = [console.log, console.warn];
  console.log = console.warn = (text) => said.push(text);
  try {
    const quiet = make();
    quiet.log("t", 1);
    await quiet.close();
    assert.deepEqual(said, []);
    const one = make({ debugLevel: 1 });
    one.log("t", 1, NaN);
    await one.close();
    assert.match(said.join("\n"), /"epoch".*\n.*: t 1$/);
    const two = make({ debugLevel: 2 });
    refuses(() => two.log("t", 1, NaN), "invalid_argument", /"epoch"/);
    await two.close();
    said.length = 0;
    const three = make({ debugLevel: 3 });
    three.log("t", 1);
    await three.close();
    assert.match(said.join("\n"), /: 201 http.*\/api\/buckets/);
    assert.match(said.join("\n"), /: 204 http.*\/api\/events/);
    assert.ok(!said.join("\n").includes("ak"));
  } finally {
    [console.log, console.warn] = [log, warn];
  }
});

test("bad arguments throw at the call and name the argument and the limit", async () => {
  const bad = (act, words) => refuses(act, "invalid_argument", words);
  bad(() => new Streamer({}), /"accessKey"/);
  bad(() => make({ bucketKey: "a:b" }), /"bucketKey"/);
  bad(() => make({ bucketKey: "ü" }), /"bucketKey"/);
  for (const bucketKey of [" a", "a ", " ", "a\n", "a'", 'a"', "", "x".repeat(251)]) {
    bad(() => make({ bucketKey }), /"bucketKey"/);
  }
  bad(() => make({ bucketName: "x".repeat(251) }), /"bucketName".*250/);
  bad(() => make({ offline: "false" }), /"offline" must be true or false/);
  bad(() => make({ storage: "disk" }), /"storage"/);
  bad(() => make({ bufferSize: 0 }), /"bufferSize"/);
  bad(() => make({ debugLevel: 4 }), /"debugLevel"/);
  bad(() => make({ endpoint: "groker" }), /"endpoint"/);
  const streamer = make();
  bad(() => streamer.log(), /"key"/);
  bad(() => streamer.log("k".repeat(251), 1), /"key".*250.*251/);
  bad(() => streamer.log("t"), /"value"/);
  bad(() => streamer.log("t", null), /"value"/);
  bad(() => streamer.log("t", {}), /"value"/);
  bad(() => streamer.log("t", "x".repeat(2001)), /"value".*2000/);
  bad(() => streamer.log("t", "😀".repeat(2001)), /"value".*2000/);
  bad(() => streamer.log("t", Symbol("s")), /"value"/);
  for (const object of ["text", null, () => {}, new Date(0)]) {
    bad(() => streamer.logObject(object), /"object"/);
  }
  bad(
    () => streamer.logObject({ fine: 1, long: "x".repeat(2001) }),
    /"value" of "dict_long".*2000/,
  );
  bad(() => streamer.logObject([1], { keyPrefix: "k".repeat(249) }), /"key".*250.*251/);
  bad(() => streamer.logObject({ fine: 1, ["k".repeat(251)]: 2 }), /"key".*250/);
  bad(() => streamer.logObject({}, { keyPrefix: 1 }), /"keyPrefix"/);
  bad(() => streamer.setBucket({}), /"bucketName"/);
  bad(() => streamer.setBucket({ bucketName: "n", bucketKey: "a:b" }), /"bucketKey"/);
  assert.equal(streamer.bucketKey, "bk");
  bad(() => streamer.flush({ timeout: -1 }), /"timeout"/);
  bad(() => streamer.replayMissedEvents({ timeout: "1" }), /"timeout"/);
  assert.equal(streamer.ledger().accepted, 0);
  for (const value of [NaN, Infinity, 10n, new Date(0)]) streamer.log("t", value);
  streamer.log("k".repeat(250), "😀".repeat(2000));
  await streamer.close();
  assert.deepEqual(service.values()[0].slice(0, 4), [
    "NaN",
    "Infinity",
    "10",
    "1970-01-01T00:00:00.000Z",
  ]);
  refuses(() => streamer.log("t", 1), "not_running", /closed/);
  refuses(() => streamer.setBucket({ bucketName: "n" }), "not_running", /closed/);
  refuses(() => streamer.replayMissedEvents(), "not_running", /closed/);
});
