// `debug: true`: the console is told, in words, what becomes of each event.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, test } from "node:test";
import { Analytics, Collector, Streamer } from "sluicebox";
import { fileStore } from "sluicebox/node";
import { eventually } from "./live.mjs";
import { answersWith, base, requests } from "./recorder.mjs";

const KEY = "a-secret-key";
const folder = mkdtempSync(join(tmpdir(), "sluicebox-explain-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const { debug } = console;
let said;
beforeEach(() => {
  said = [];
  console.debug = (...words) => said.push(words.join(" "));
});
afterEach(() => {
  console.debug = debug;
  const text = said.join("\n");
  for (const secret of [KEY, btoa(`${KEY}:`), "authorization"]) {
    assert.ok(!text.includes(secret), `${secret} is shown:\n${text}`);
  }
});

const analytics = (options) =>
  new Analytics({ writeKey: KEY, dataPlaneUrl: base, flushInterval: 10, debug: true, ...options });

/** Every line is told once and in this order; others may stand between. */
function tells(...expected) {
  let at = 0;
  for (const line of said) if (at < expected.length && expected[at].test(line)) at++;
  assert.equal(at, expected.length, `not told: ${expected[at]}\n${said.join("\n")}`);
}

test("an event is followed from the call to its delivery", async () => {
  const client = analytics();
  client.track("Order Completed", { total: 7 }, { userId: "u", messageId: "m-1" });
  client.identify("u");
  await client.flush();
  tells(
    /^sluicebox analytics: events go to http:\S+, at most 100 in a request, 10 ms after /,
    /^sluicebox analytics: #1 accepted: track\("Order Completed"\), id m-1, \d+ characters, .*; held in memory$/,
    /: #2 accepted: identify\("u"\), id [-0-9a-f]{36}, /,
    /: request 1 with #1 to #2: POST http:\/\/\S+\/v1\/batch, \d+ bytes of gzip$|: request 1 with #1 to #2: POST http:\/\/\S+\/v1\/batch, \d+ bytes$/,
    /: request 1 was answered 200 after \d+ ms$/,
    /: #1 to #2: delivered$/,
  );
  assert.equal(requests.length, 1);
});

/** A fetch that never answers, and ends when it is told to. */
const never = (url, { signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("a request that failed tells why, and when the next follows", async () => {
  // Answers of a real server may come later than the timeout.
  const answer = (status) => async () => new Response(null, { status });
  const answers = [answer(503), never, answer(200)];
  const client = analytics({ timeout: 200, fetch: (...request) => answers.shift()(...request) });
  client.track("Opened", {}, { userId: "u" });
  await client.flush();
  tells(
    /: request 1 was answered 503 after /,
    /: the server is in trouble: the next attempt follows in \d+(\.\d)? m?s$/,
    /: request 2 with #1: .*, attempt 2$/,
    /: request 2 was not answered within 200 ms, and is not waited for$/,
    /: request 3 with #1: .*, attempt 3$/,
    /: request 3 was answered 200 /,
    /: the server is well again$/,
    /: #1: delivered$/,
  );
});

test("a request that takes too long is told as such", async () => {
  const client = analytics({ timeout: 20, maxAttempts: 1, fetch: never, onError() {} });
  client.track("Opened", {}, { userId: "u" });
  await client.flush();
  tells(
    /: request 1 was not answered within 20 ms, and is not waited for$/,
    /: #1 given up: expired: gave up after the last of maxAttempts failed/,
  );
  assert.ok(!said.some((line) => line.includes("delivered")), said.join("\n"));
});

test("what is given up is told with the server's words, and what else was sent as delivered", async () => {
  answersWith([[400, "no such source"]]);
  const errors = [];
  const client = analytics({ onError: (error) => errors.push(error.code) });
  client.track("Bad", {}, { userId: "u" });
  await client.flush();
  client.track("Good", {}, { userId: "u" });
  await client.flush();
  tells(
    /: #1 given up: rejected \(status 400\): .*no such source$/,
    /: #2 accepted: track\("Good"\)/,
    /: #2: delivered$/,
  );
  assert.ok(!said.some((line) => line.includes("#1: delivered")));
  assert.deepEqual(errors, ["rejected"], "and onError is told as ever");
});

test("a server that is not there, and a queue that overflows, are told", async () => {
  const dataPlaneUrl = "http://127.0.0.1:1";
  const client = analytics({ dataPlaneUrl, queueSize: 1, maxAttempts: 1, onError() {} });
  await eventually("it explains", () => said.length > 0);
  client.track("First", {}, { userId: "u" });
  client.track("Second", {}, { userId: "u" });
  await client.flush();
  tells(
    /: #1 given up: queue_full: /,
    /: request 1 with #2: /,
    /: request 1 got no answer: /,
    /: #2 given up: expired: /,
  );
  assert.ok(!said.some((line) => line.endsWith("delivered")), said.join("\n"));
});

test("collectors and streamers are told of in their own calls", async () => {
  const collector = new Collector(KEY, { endpoint: base, debug: true });
  collector.start();
  collector.collect("clicks", [{ x: 1 }, { x: 2 }]);
  const options = { bucketName: "House", bucketKey: "house", endpoint: base, debug: true };
  const streamer = new Streamer({ accessKey: KEY, ...options });
  streamer.log("temperature", 21);
  await Promise.all([collector.stop(), streamer.close()]);
  tells(/^sluicebox collector: #1 accepted: collect\("clicks"\), id \S+, /, /#1 to #2: delivered/);
  tells(
    /^sluicebox streamer: #1 accepted: makes the bucket house/,
    /#2 accepted: log\("temperature"\) in bucket house/,
    /streamer: #2: delivered$/,
  );
});

test("what an earlier run has stored is told as taken over", async () => {
  const path = join(folder, "events");
  const options = { endpoint: base, flushInterval: 10 };
  answersWith([[503, "", { "retry-after": "60" }]]);
  const before = fileStore(path);
  const first = new Collector(KEY, { ...options, storage: before });
  first.start();
  first.collect("clicks", { $id: "kept", x: 1 });
  await eventually("it was refused", () => requests.length > 0);
  assert.equal((await first.stop({ timeout: 1 })).pending, 1);
  await before.close();
  const storage = fileStore(path);
  const second = new Collector(KEY, { ...options, storage, debug: true });
  second.start();
  await eventually("it is delivered", () => requests.length > 1 && second.ledger().delivered === 1);
  await storage.close();
  tells(
    /#1 taken over from an earlier visit or another tab: collect\("clicks"\), id kept, .*; held in memory and in your EventStore$/,
    /: request 1 with #1: /,
    /: #1: delivered$/,
  );
});

for (const isLate of [true, false]) {
  const when = isLate ? "later" : "sooner";
  test(`what a store has is sent first, and told, where it is read ${when} than what explains`, async () => {
    const path = join(folder, `events-${when}`);
    const options = { endpoint: base, flushInterval: 1, concurrency: 1, compression: "none" };
    answersWith([[503, "", { "retry-after": "60" }]]);
    const before = fileStore(path);
    const first = new Collector(KEY, { ...options, storage: before });
    first.start();
    first.collect("clicks", { n: 1 });
    await eventually("it was refused", () => requests.length > 0);
    await first.stop({ timeout: 1 });
    const kept = await before.load();
    assert.equal(kept.length, 1);
    await before.close();

    let go;
    const wasRead = isLate ? new Promise((resolve) => (go = resolve)) : undefined;
    const storage = { append: async () => {}, load: () => wasRead ?? kept, remove: async () => {} };
    const second = new Collector(KEY, { ...options, storage, debug: true });
    second.start();
    second.collect("clicks", { n: 2 });
    if (isLate) {
      await eventually("it explains", () => said.some((line) => line.includes("#1 accepted")));
      // What could be sent by now would be: a flush is answered when nothing can.
      await second.flush({ timeout: 50 });
      assert.equal(requests.length, 1, "something new was sent before what the store has");
      go(kept);
    }
    assert.equal((await second.flush()).delivered, 2);
    const sent = requests.slice(1).flatMap(({ body }) => body.clicks ?? body);
    assert.deepEqual(
      sent.map(({ n }) => n),
      [1, 2],
    );
    tells(/taken over from an earlier visit/, /: delivered$/);
    const posts = said.filter((line) => line.includes(": POST "));
    assert.equal(posts.length, requests.length - 1, said.join("\n"));
  });
}

test("without it nothing is told", async () => {
  const client = analytics({ debug: false });
  client.track("Opened", {}, { userId: "u" });
  await client.flush();
  assert.deepEqual(said, []);
});
