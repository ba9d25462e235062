// What becomes of a Streamer's events when the service does not take them.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { Streamer } from "sluicebox";
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

test("three attempts, then the events are missed, in order and ready to post", async () => {
  service.script.events = [[500], [0], [503]];
  const told = [];
  const streamer = make({ onError: (error, events) => told.push([error.code, events.length]) });
  streamer.log("t", 1, 5);
  streamer.log("t", 2, 6);
  const ledger = await streamer.flush();
  assert.deepEqual([ledger.accepted, ledger.expired, ledger.pending], [2, 2, 0]);
  assert.equal(service.bodies().length, 3);
  assert.deepEqual(told, [["expired", 2]]);
  const missed = await streamer.missedEvents();
  assert.deepEqual(missed, [
    [
      { key: "t", value: 1, epoch: 5 },
      { key: "t", value: 2, epoch: 6 },
    ],
  ]);
  assert.equal(missed[0].bucketKey, "bk");
  assert.equal(JSON.stringify(missed[0]), JSON.stringify(service.bodies()[0]));

  const replayed = await streamer.replayMissedEvents();
  assert.equal(replayed.delivered, 2);
  assert.deepEqual(service.bodies().at(-1), missed[0]);
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
    service.script.events = [[status, body]];
    const told = [];
    const streamer = make({ onError: (error, events) => told.push([error, events]) });
    streamer.log("t", 1, 5);
    const { rejected, pending } = await streamer.close();
    assert.deepEqual([rejected, pending, service.bodies().length], [1, 0, 1]);
    const [[error, events]] = told;
    assert.deepEqual([error.code, error.statusCode], [code, status]);
    assert.ok(error.message.endsWith(body || "for good"), error.message);
    assert.ok(!error.message.includes("ak"));
    assert.deepEqual(events, [{ key: "t", value: 1, epoch: 5 }]);
    assert.deepEqual(await streamer.missedEvents(), [events]);
  });
}

test("a bare 429 is tried again", async () => {
  service.script.events = [[429]];
  const streamer = make();
  streamer.log("t", 1);
  assert.equal((await streamer.close()).delivered, 1);
  assert.equal(service.bodies().length, 2);
});

test("a 429 with Retry-After is obeyed", async () => {
  service.script.events = [[429, "", { "retry-after": "1" }]];
  const streamer = make();
  streamer.log("t", 1);
  const since = Date.now();
  assert.equal((await streamer.close()).delivered, 1);
  // A timer may be early by what a clock rounds.
  assert.ok(Date.now() - since >= 990);
});

test("a batch that is tried again comes before what was logged after it", async () => {
  service.script.events = [[500], [503]];
  const streamer = make({ bufferSize: 2 });
  for (const value of [1, 2, 3, 4]) streamer.log("t", value);
  assert.equal((await streamer.close()).delivered, 4);
  assert.deepEqual(service.values(), [
    [1, 2],
    [1, 2],
    [1, 2],
    [3, 4],
  ]);
});

test("a bucket that could not be made is told, its events are tried, and a replay makes it again", async () => {
  service.script = { buckets: [[500], [500], [500]], events: [[402, "full"]] };
  const told = [];
  const streamer = make({ onError: (error, events) => told.push([error.code, events.length]) });
  streamer.log("t", 1, 5);
  const { accepted, rejected } = await streamer.flush();
  assert.deepEqual([accepted, rejected], [1, 1]);
  assert.deepEqual(told, [
    ["expired", 0],
    ["rejected", 1],
  ]);
  streamer.setBucket({ bucketName: "Other", bucketKey: "ok" });
  await streamer.flush();
  service.requests = [];
  const ledger = await streamer.replayMissedEvents();
  assert.deepEqual([ledger.accepted, ledger.delivered, ledger.pending], [2, 1, 0]);
  assert.deepEqual(
    service.requests.map(({ url, bucket, body }) => [url, bucket, body]),
    [
      ["/api/buckets", "bk", { bucketKey: "bk", bucketName: "B N" }],
      ["/api/events", "bk", [{ key: "t", value: 1, epoch: 5 }]],
    ],
  );
  await streamer.close();
});

test("a bucket that could not be made is made with the next event", async () => {
  service.script.buckets = [[0], [0], [500]];
  const streamer = make();
  await streamer.flush();
  streamer.log("t", 1);
  streamer.log("t", 2);
  assert.equal((await streamer.close()).delivered, 2);
  assert.deepEqual(
    service.requests.map(({ url }) => url),
    [...Array(4).fill("/api/buckets"), "/api/events"],
  );
});

test("missed events stay with their buckets, and what a replay cannot deliver is missed again", async () => {
  service.script.events = Array(4).fill([403]);
  const streamer = make({ bucketName: undefined });
  streamer.log("t", 1);
  streamer.setBucket({ bucketName: "New", bucketKey: "nk" });
  streamer.log("t", 2);
  await streamer.flush();
  const seen = async () =>
    (await streamer.missedEvents()).map((batch) => [batch.bucketKey, batch.map((e) => e.value)]);
  const both = [
    ["bk", [1]],
    ["nk", [2]],
  ];
  assert.deepEqual((await seen()).sort(), both);
  const { rejected } = await streamer.replayMissedEvents();
  assert.deepEqual([rejected, (await seen()).sort()], [4, both]);
  assert.equal((await streamer.replayMissedEvents()).delivered, 2);
  assert.deepEqual(await seen(), []);
  const made = service.requests.filter(({ url }) => url === "/api/buckets").slice(-2);
  assert.deepEqual(made.map(({ body }) => [body.bucketKey, body.bucketName]).sort(), [
    ["bk", "bk"],
    ["nk", "New"],
  ]);
  const last = service.requests.filter(({ url }) => url === "/api/events").slice(-2);
  assert.deepEqual(last.map(({ bucket, body }) => [bucket, body.map((e) => e.value)]).sort(), both);
  await streamer.close();
});

test("events missed one by one become batches of bufferSize, in order", async () => {
  const refusing = async (url) =>
    new Response("no", { status: url.endsWith("events") ? 400 : 201 });
  const streamer = make({ bufferSize: 4, fetch: refusing });
  for (let value = 0; value < 10; value++) streamer.log("t", value);
  assert.equal((await streamer.close()).rejected, 10);
  const missed = await streamer.missedEvents();
  assert.deepEqual(
    missed.map((batch) => batch.map(({ value }) => value)),
    [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ],
  );
});

test("what the overflow policy gives up is missed too", async () => {
  const streamer = make({ queueSize: 3, flushInterval: 60_000 });
  for (const value of [1, 2, 3, 4]) streamer.log("t", value);
  const { dropped, pending } = streamer.ledger();
  const missed = (await streamer.missedEvents()).flat().map(({ value }) => value);
  assert.deepEqual([missed.length, missed[0]], [dropped, 1]);
  assert.equal(dropped + pending, 4);
  await streamer.close();
});

test("what is told of a full queue may log again", async () => {
  let told = 0;
  const onError = () => told++ || streamer.log("full", true);
  const streamer = make({ queueSize: 2, flushInterval: 60_000, onError });
  for (const value of [1, 2, 3]) streamer.log("t", value);
  const { accepted, dropped, pending } = streamer.ledger();
  assert.deepEqual([accepted, dropped + pending], [4, 4]);
  assert.ok(dropped >= 2, `${dropped} of 4 events gave way in a queue of 2`);
  assert.equal((await streamer.close()).delivered, pending);
});

test("beyond 16 MiB the oldest missed batches give way, and onError is told each event", async () => {
  const given = [];
  const streamer = make({
    bufferSize: 1000,
    queueSize: 1000,
    fetch: async () => new Response(null, { status: 403 }),
    onError: (error, events, buckets) => {
      if (error.code !== "storage") return;
      assert.deepEqual([...new Set(buckets)], ["bk"]);
      given.push(...events.map(({ epoch }) => epoch));
    },
  });
  for (let epoch = 0; epoch < 9000; epoch++) {
    streamer.log("t", "x".repeat(2000), epoch);
    if (epoch % 200 === 199) await streamer.flush();
  }
  const { rejected } = await streamer.close();
  const missed = await streamer.missedEvents();
  const kept = missed.flat().map(({ epoch }) => epoch);
  assert.equal(rejected, 9000);
  assert.deepEqual([...given, ...kept], [...Array(9000).keys()]);
  const size = JSON.stringify(missed).length;
  assert.ok(size > 15 * 1024 ** 2 && size <= 16 * 1024 ** 2, `${size} characters`);
});

test("offline nothing is replayed", () => {
  const offline = make({ offline: true });
  assert.throws(() => offline.replayMissedEvents(), {
    code: "invalid_argument",
    message: /"offline"/,
  });
});
