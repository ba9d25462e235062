// Streamer against a server that records, and fails as the service does.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { SluiceboxError, Streamer } from "sluicebox";

let server, base, requests, answers;

before(async () => {
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      const { url, headers } = request;
      requests.push({ url, headers, bucket: headers["x-is-bucketkey"], body: JSON.parse(text) });
      // Buckets are made; only what is asked for events is scripted.
      const scripted = url === "/api/events" ? answers.shift() : [201];
      const [status, body = "", extra = {}] = scripted ?? [204];
      if (!status) return request.socket.destroy();
      response.writeHead(status, extra).end(status === 204 ? undefined : body);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  requests = [];
  answers = [];
});

const make = (options) =>
  new Streamer({ accessKey: "ak", bucketKey: "bk", bucketName: "B N", endpoint: base, ...options });

/** Bodies of the requests for events. */
const sent = () => requests.filter(({ url }) => url === "/api/events").map(({ body }) => body);
const values = (bodies) => bodies.map((body) => body.map(({ value }) => value));

const refuses = (act, code, words) =>
  assert.throws(act, (error) => {
    assert.ok(error instanceof SluiceboxError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  });

test("the bucket is made first, then its events follow with the headers of ISStreamer", async () => {
  const streamer = make({ bufferSize: 3 });
  for (const value of [1, 2.5, true, "x"]) streamer.log("t", value, 5);
  const ledger = await streamer.close();
  assert.deepEqual([ledger.accepted, ledger.delivered, ledger.pending], [4, 4, 0]);
  const [bucket, first, second] = requests;
  assert.equal(bucket.url, "/api/buckets");
  assert.deepEqual(bucket.body, { bucketKey: "bk", bucketName: "B N" });
  assert.deepEqual(first.body, [
    { key: "t", value: 1, epoch: 5 },
    { key: "t", value: 2.5, epoch: 5 },
    { key: "t", value: true, epoch: 5 },
  ]);
  assert.deepEqual(second.body, [{ key: "t", value: "x", epoch: 5 }]);
  for (const { headers } of requests) {
    assert.equal(headers["x-is-accesskey"], "ak");
    assert.equal(headers["x-is-bucketkey"], "bk");
    assert.equal(headers["accept-version"], "<=0.0.4");
    assert.equal(headers["content-type"], "application/json");
    assert.equal(headers.authorization, undefined);
    assert.equal(headers["content-encoding"], undefined);
  }
});

test("a full buffer is sent at once, and the rest after the interval", async () => {
  const streamer = make({ bufferSize: 2, flushInterval: 50 });
  for (const value of [1, 2, 3]) streamer.log("t", value);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(values(sent()), [[1, 2]]);
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.deepEqual(values(sent()), [[1, 2], [3]]);
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
  const [[now, given, nan, text]] = sent();
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
  const [events] = sent();
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

test("events logged before setBucket go to their own bucket", async () => {
  const streamer = make();
  streamer.log("key1", "starting");
  streamer.setBucket({ bucketName: "New", bucketKey: "nk" });
  assert.equal(streamer.bucketKey, "nk");
  streamer.log("key1", "starting");
  streamer.setBucket({ bucketName: "B N", bucketKey: "bk" });
  streamer.log("key1", "again");
  await streamer.close();
  const seen = requests.map(({ url, bucket, body }) => [
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
  const own = requests.filter(({ url, bucket }) => url === "/api/events" && bucket === "bk");
  assert.deepEqual(
    own.flatMap(({ body }) => body.map(({ value }) => value)),
    ["starting", "again"],
  );
});

test("a bucket without a key gets one, and without an event is made by flush", async () => {
  const streamer = new Streamer({ accessKey: "ak", endpoint: base });
  assert.match(streamer.bucketKey, /^[\da-f-]{36}$/);
  await streamer.flush();
  await streamer.close();
  const { bucketKey } = streamer;
  assert.deepEqual(
    requests.map(({ body }) => body),
    [{ bucketKey, bucketName: bucketKey }],
  );
});

test("three attempts, then the events are missed, in order and ready to post", async () => {
  answers = [[500], [0], [503]];
  const told = [];
  const streamer = make({ onError: (error, events) => told.push([error.code, events.length]) });
  streamer.log("t", 1, 5);
  streamer.log("t", 2, 6);
  const ledger = await streamer.flush();
  assert.deepEqual([ledger.accepted, ledger.expired, ledger.pending], [2, 2, 0]);
  assert.equal(sent().length, 3);
  assert.deepEqual(told, [["expired", 2]]);
  const missed = await streamer.missedEvents();
  assert.deepEqual(missed, [
    [
      { key: "t", value: 1, epoch: 5 },
      { key: "t", value: 2, epoch: 6 },
    ],
  ]);
  assert.equal(missed[0].bucketKey, "bk");
  assert.equal(JSON.stringify(missed[0]), JSON.stringify(sent()[0]));

  const replayed = await streamer.replayMissedEvents();
  assert.equal(replayed.delivered, 2);
  assert.deepEqual(sent().at(-1), missed[0]);
  assert.deepEqual(await streamer.missedEvents(), []);
  await streamer.close();
});

for (const [status, code, body] of [
  [400, "rejected", "event 0: no key"],
  [400, "rejected", '{"message":{"error":{"type":"BUCKET_REMOVED","message":"gone"}}}'],
  [401, "unauthorized", ""],
  [402, "rejected", '{"message":"Event limit exceeded for current cycle"}'],
  [403, "unauthorized", '"ACCESS_DENIED_KEY"'],
]) {
  test(`a ${status} ${body && "with its words "}loses nothing silently: ${body.slice(0, 40)}`, async () => {
    answers = [[status, body]];
    const told = [];
    const streamer = make({ onError: (error, events) => told.push([error, events]) });
    streamer.log("t", 1, 5);
    const { rejected, pending } = await streamer.close();
    assert.deepEqual([rejected, pending, sent().length], [1, 0, 1]);
    const [[error, events]] = told;
    assert.deepEqual([error.code, error.statusCode], [code, status]);
    assert.ok(error.message.endsWith(body || "for good"), error.message);
    assert.ok(!error.message.includes("ak"));
    assert.deepEqual(events, [{ key: "t", value: 1, epoch: 5 }]);
    assert.deepEqual(await streamer.missedEvents(), [events]);
  });
}

test("a bare 429 is tried again", async () => {
  answers = [[429]];
  const streamer = make();
  streamer.log("t", 1);
  assert.equal((await streamer.close()).delivered, 1);
  assert.equal(sent().length, 2);
});

test("a 429 with Retry-After is obeyed", async () => {
  answers = [[429, "", { "retry-after": "1" }]];
  const streamer = make();
  streamer.log("t", 1);
  const since = Date.now();
  assert.equal((await streamer.close()).delivered, 1);
  assert.ok(Date.now() - since >= 1000);
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
  assert.deepEqual([ledger.accepted, ledger.pending, requests.length], [4, 4, 0]);
});

test("offline rows are bounded as a queue is", async () => {
  const told = [];
  const onError = ({ code }, [event]) => told.push([code, event.value]);
  const streamer = make({ offline: true, queueSize: 2, onError });
  for (const value of [1, 2, 3]) streamer.log("t", value, 0);
  assert.equal(await streamer.exportCsv(), "0,t,2\r\n0,t,3\r\n");
  assert.deepEqual(told, [["queue_full", 1]]);
  const { accepted, dropped, pending } = streamer.ledger();
  assert.deepEqual([accepted, dropped, pending], [3, 1, 2]);
  await assert.rejects(make().exportCsv(), { code: "invalid_argument" });
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
  bad(() => make({ bucketName: "x".repeat(251) }), /"bucketName".*250/);
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
  bad(() => streamer.logObject("text"), /"object"/);
  bad(() => streamer.logObject({ fine: 1, ["k".repeat(251)]: 2 }), /"key".*250/);
  bad(() => streamer.logObject({}, { keyPrefix: 1 }), /"keyPrefix"/);
  bad(() => streamer.setBucket({}), /"bucketName"/);
  assert.equal(streamer.ledger().accepted, 0);
  for (const value of [NaN, Infinity, 10n, new Date(0)]) streamer.log("t", value);
  streamer.log("k".repeat(250), "x".repeat(2000));
  await streamer.close();
  assert.deepEqual(values(sent())[0].slice(0, 4), [
    "NaN",
    "Infinity",
    "10",
    "1970-01-01T00:00:00.000Z",
  ]);
  refuses(() => streamer.log("t", 1), "not_running", /closed/);
  refuses(() => streamer.setBucket({ bucketName: "n" }), "not_running", /closed/);
});
