// The clients in Node, against a recording server that can be told to misbehave.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { Analytics, Collector, setId, setTimestamp, StreamClient, Stride } from "sluicebox";
import { isError, refuses, rejects } from "./errors.mjs";
import { eventually } from "./live.mjs";
import { answersWith, base, forgetRequests, requests } from "./recorder.mjs";

const collector = (options) => {
  const made = new Collector("key", { endpoint: `${base}/v1`, ...options });
  made.start();
  return made;
};
const analytics = (options) => new Analytics({ writeKey: "wk", dataPlaneUrl: base, ...options });

const balanced = (ledger) => {
  const { accepted, delivered, rejected, expired, dropped, pending } = ledger;
  assert.equal(accepted, delivered + rejected + expired + dropped + pending);
  return ledger;
};

test("Stride sends the key as the user of Basic authentication and both content types", async () => {
  answersWith([[200, '["clicks","app_events"]']]);
  const response = await new Stride("key", { endpoint: `${base}/v1` }).get("/collect");
  assert.deepEqual(response, { statusCode: 200, data: ["clicks", "app_events"] });
  const [{ method, url, headers }] = requests;
  assert.deepEqual([method, url], ["GET", "/v1/collect"]);
  assert.equal(headers.authorization, "Basic a2V5Og==");
  assert.equal(headers.accept, "application/json");
  assert.equal(headers["content-type"], "application/json");
});

test("Stride posts to collect compressed, elsewhere plain, and an empty answer is null", async () => {
  const stride = new Stride("key", { endpoint: `${base}/v1/` });
  answersWith([[200], [201], [200], [200]]);
  assert.deepEqual(await stride.post("/collect/s1", { a: 1 }), { statusCode: 200, data: null });
  const process = { query: "SELECT count(*) FROM s1", action: { type: "MATERIALIZE" } };
  assert.deepEqual(await stride.post("/process/p1", process), { statusCode: 201, data: null });
  await stride.put("/analyze/q", process);
  await stride.delete("/collect/s1");
  assert.deepEqual(
    requests.map(({ method, url, gzip, body }) => [method, url, gzip, body]),
    [
      ["POST", "/v1/collect/s1", true, { a: 1 }],
      ["POST", "/v1/process/p1", false, process],
      ["PUT", "/v1/analyze/q", false, process],
      ["DELETE", "/v1/collect/s1", false, ""],
    ],
  );
});

test("Stride posts a hole in an array as null, as JSON does", async () => {
  const holes = [{ a: 1 }, {}];
  delete holes[1];
  await new Stride("key", { endpoint: base }).post("/collect/s1", holes);
  assert.deepEqual(requests[0].body, [{ a: 1 }, null]);
});

test("Stride gives the real status of a malformed answer", async () => {
  answersWith([[502, "{bad"]]);
  const stride = new Stride("key", { endpoint: `${base}/v1` });
  assert.deepEqual(await stride.get("/process"), {
    statusCode: 502,
    data: { error: "response contained malformed json" },
  });
});

test("a wrong path never reaches the server and the error has the words of pystride", async () => {
  const stride = new Stride("key", { endpoint: `${base}/v1` });
  const bad = [
    ["get", "/bad"],
    ["get", "collect"],
    ["get", "/v1/collect"],
    ["get", "/collect/a\n"],
    ["get", "/collect/a/b"],
    ["post", "/process"],
    ["post", "/collect/1bad"],
    ["put", "/collect/s"],
    ["delete", "/analyze"],
    ["subscribe", "/analyze/q"],
    ["subscribe", "/collect/s/subscribe"],
  ];
  for (const [method, path] of bad) {
    const words = `path "${path}" is not valid for method "${method}"`;
    assert.throws(() => stride[method](path, {}), { code: "invalid_path", message: words });
  }
  for (const path of ["/process/p/stats", "/analyze/q/results?start_date=2016-01-01"]) {
    assert.equal((await stride.get(path)).statusCode, 200, path);
  }
  assert.equal(requests.length, 2);
});

test("bad arguments throw at the call and name the argument", async () => {
  refuses(() => new Stride(), "invalid_argument", /"apiKey"/);
  refuses(() => new Stride("a:b"), "invalid_argument", /"apiKey"/);
  refuses(() => new Stride("k", { endpoint: "example.com" }), "invalid_argument", /"endpoint"/);
  refuses(() => new Collector("k", { batchSize: 0 }), "invalid_argument", /"batchSize"/);
  refuses(() => new Collector("k", { overflow: "x" }), "invalid_argument", /"overflow"/);
  refuses(() => new Analytics({ dataPlaneUrl: base }), "invalid_argument", /"writeKey"/);
  refuses(() => new Analytics({ writeKey: "k" }), "invalid_argument", /"dataPlaneUrl"/);
  refuses(() => analytics({ onError: 1 }), "invalid_argument", /"onError"/);
  refuses(() => analytics({ consent: "maybe" }), "invalid_argument", /"consent"/);
  refuses(() => analytics().track(), "invalid_argument", /"event"/);
  refuses(() => analytics().track("e", 1), "invalid_argument", /"properties"/);
  refuses(() => analytics().screen(), "invalid_argument", /"name"/);
  refuses(() => new StreamClient("nowhere"), "invalid_argument", /"url"/);
  refuses(() => setId({}, null), "invalid_argument", /"id" must not be null/);
  for (const id of [NaN, Infinity, ""]) {
    refuses(() => setId({}, id), "invalid_argument", /"id" .* finite number/);
  }
  for (const event of [null, "e", [], Object.freeze({ a: 1 })]) {
    refuses(() => setId(event, "i"), "invalid_argument", /"event" .* can be changed/);
    refuses(() => setTimestamp(event), "invalid_argument", /"event" .* can be changed/);
  }
  refuses(() => setTimestamp({}, "now"), "invalid_argument", /"timestamp"/);
  refuses(() => collector().collect("1bad", {}), "invalid_argument", /"stream"/);
  refuses(() => collector().collect("s", [{}, 1]), "invalid_argument", /"events"/);
  refuses(() => new Collector("k").collect("s", {}), "not_running", /start/);
  refuses(() => new StreamClient(base).items({ start: 0.5 }), "invalid_argument", /"start"/);
  const where = { a: [1, NaN] };
  refuses(() => new StreamClient(base).items({ where }), "invalid_argument", /"where.a" .*finite/);
  refuses(() => new StreamClient(base).insert([1]), "invalid_argument", /"event"/);
  const stride = new Stride("k", { endpoint: base });
  refuses(() => stride.subscribe("/collect/s", { sample: -1 }), "invalid_argument", /"sample"/);
  refuses(() => stride.post("/collect/s", undefined), "invalid_argument", /"json"/);
  const noText = {
    toString() {
      throw new Error("no");
    },
  };
  for (const method of ["get", "post", "put", "delete", "subscribe"]) {
    refuses(() => stride[method](noText, {}), "invalid_argument", /"path"/);
  }
});

test("a URL that no request could be sent to is refused at once", () => {
  for (const bad of [
    "http://a:99999",
    "http://[x",
    "https://%",
    "http://user:pass@host/",
    "http://host/?a",
    5,
    undefined,
  ]) {
    refuses(() => new StreamClient(bad), "invalid_argument", /"url" must be a URL/);
    refuses(() => analytics({ dataPlaneUrl: bad }), "invalid_argument", /"dataPlaneUrl" must be/);
  }
  for (const good of ["http://[::1]:80/", "https://a.example/b@c"]) new StreamClient(good);
});

test("what is on or off is true or false, also where it would mean nothing", () => {
  for (const name of ["automaticContext", "debug", "respectGpc", "trackPages"]) {
    const words = new RegExp(`"${name}" must be true or false`);
    for (const bad of ["no", 1, {}]) {
      refuses(() => analytics({ [name]: bad }), "invalid_argument", words);
    }
    analytics({ [name]: null });
  }
  refuses(() => analytics({ session: { timeout: -1 } }), "invalid_argument", /"session.timeout"/);
});

test("a bad event in an array leaves nothing of the array behind", async () => {
  const events = collector();
  assert.throws(() => events.collect("s", [{ a: 1 }, "b"]));
  const holes = [{ a: 1 }, {}, {}];
  delete holes[1];
  refuses(() => events.collect("s", holes), "invalid_argument", /"events"/);
  assert.equal(events.ledger().accepted, 0);
  await events.stop();
  assert.equal(requests.length, 0);
});

test("a collector sends one request for each flush, several streams together", async () => {
  const events = collector();
  for (let i = 0; i < 5; i++) events.collect(`s${i % 2}`, { i });
  assert.equal(balanced(await events.flush()).delivered, 5);
  const [{ method, url, gzip, body }, ...more] = requests;
  assert.deepEqual([method, url, gzip, more.length], ["POST", "/v1/collect", true, 0]);
  assert.deepEqual(
    body.s0.map(({ i }) => i),
    [0, 2, 4],
  );
  assert.deepEqual(
    body.s1.map(({ i }) => i),
    [1, 3],
  );
  for (const { $id } of [...body.s0, ...body.s1]) assert.match($id, /^[0-9a-f-]{36}$/);
  events.collect("s0", { i: 5, $id: "mine" });
  await events.stop();
  assert.deepEqual(
    [requests[1].url, requests[1].body],
    ["/v1/collect/s0", [{ i: 5, $id: "mine" }]],
  );
});

test("a batch the server could not take is delivered once, in order, with the same ids", async () => {
  answersWith([[503], [500]]);
  const events = collector();
  for (let i = 0; i < 10; i++) events.collect("s", { i });
  const ledger = balanced(await events.stop());
  assert.deepEqual([ledger.delivered, ledger.pending], [10, 0]);
  assert.deepEqual(requests[2].body, requests[0].body);
  assert.deepEqual(
    requests[2].body.map(({ i }) => i),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test("an event has an id when it is sent: its own, or one that stays when its own is null", async () => {
  answersWith([[503]]);
  const events = collector();
  events.collect("s", [
    { $id: "own" },
    { $id: 0 },
    { $id: null, a: { $id: 1 } },
    { a: { $id: 1 } },
  ]);
  assert.equal((await events.stop()).delivered, 4);
  const [first, second] = requests.map(({ body }) => body);
  assert.deepEqual(first, second);
  assert.deepEqual([first[0].$id, first[1].$id], ["own", 0]);
  for (const { $id, ...event } of first.slice(2)) {
    assert.match($id, /^[\da-f-]{36}$/);
    assert.deepEqual(event, { a: { $id: 1 } });
  }
});

test("Retry-After is a floor", async () => {
  answersWith([[429, "", { "retry-after": "1" }]]);
  const events = collector();
  events.collect("s", { a: 1 });
  assert.equal((await events.flush()).delivered, 1);
  // A timer may be early by what a clock rounds.
  assert.ok(requests[1].at - requests[0].at >= 990, `${requests[1].at - requests[0].at} ms`);
});

test("no request body is larger than batchBytes before compression", async () => {
  const t = "x".repeat(50);
  // Whatever is left over by the last event that fits.
  for (let batchBytes = 3000; batchBytes < 3400; batchBytes += 20) {
    forgetRequests();
    const options = { batchBytes, compression: "none" };
    const clients = [collector(options), analytics(options)];
    for (let i = 0; i < 40; i++) clients[0].collect("s", { i, t });
    for (let i = 0; i < 40; i++) clients[1].track("E", { i, t }, { userId: "u" });
    await Promise.all(clients.map((client) => client.flush()));
    const sizes = requests.map(({ headers }) => Number(headers["content-length"]));
    assert.ok(Math.max(...sizes) <= batchBytes, `${batchBytes}: ${sizes}`);
    assert.ok(sizes[0] > 2400, String(sizes));
  }
});

test("a redirect is no acknowledgement: what it leads to did not get the events", async () => {
  answersWith([[302, "", { location: `${base}/login` }]]);
  const told = [];
  const events = collector({ maxAttempts: 1, onError: (error) => told.push(error.statusCode) });
  events.collect("s", { a: 1 });
  assert.equal((await events.stop()).expired, 1);
  assert.deepEqual(told, [302]);
  assert.equal(requests.length, 1);
});

test("a request that is never answered has failed after the timeout", async () => {
  answersWith([[0]]);
  const events = collector({ timeout: 200 });
  events.collect("s", { a: 1 });
  assert.equal(balanced(await events.flush()).delivered, 1);
  // A machine that is busy may not answer the second one in time either.
  assert.ok(requests.length >= 2, `${requests.length} requests`);
});

test("one event the server refuses takes no neighbour with it, and comes back as accepted", async () => {
  const refused = [];
  const poisoned = ({ i }) => i === 3;
  const events = collector({
    onError: (error, list) => refused.push([error, list]),
    fetch: async (url, init) => {
      const body = JSON.parse(
        init.headers["content-encoding"] ? gunzipSync(Buffer.from(init.body)) : init.body,
      );
      requests.push(body);
      return new Response(null, { status: body.some(poisoned) ? 400 : 200 });
    },
  });
  for (let i = 0; i < 8; i++) events.collect("s", { i });
  const ledger = balanced(await events.stop());
  assert.deepEqual([ledger.delivered, ledger.rejected], [7, 1]);
  assert.equal(refused.length, 1);
  const [[error, list]] = refused;
  isError(error, "rejected", /refused/);
  assert.deepEqual([error.fault, error.statusCode, list], ["server", 400, [{ i: 3 }]]);
});

test("a wrong key is final, and what was refused is told", async () => {
  answersWith([[401, "invalid write key\n"]]);
  const told = [];
  const client = analytics({ onError: (error, events) => told.push([error, events]) });
  client.track("E", { x: 1 });
  assert.equal(balanced(await client.flush()).rejected, 1);
  const [[error, [event]]] = told;
  assert.deepEqual([error.code, error.statusCode, event.event], ["unauthorized", 401, "E"]);
});

test("with no server there is no loss: everything is pending and the ledger balances", async () => {
  const events = new Collector("key", { endpoint: "http://127.0.0.1:1/v1" });
  events.start();
  for (let i = 0; i < 100; i++) events.collect("s", { i });
  const ledger = balanced(await events.flush({ timeout: 300 }));
  assert.deepEqual([ledger.accepted, ledger.pending], [100, 100]);
  await rejects(
    new Stride("k", { endpoint: "http://127.0.0.1:1" }).get("/collect"),
    "network",
    /127/,
  );
  // Nothing may hold the process open.
  await events.stop({ timeout: 0 });
});

test("what waits longer than maxAge, or fails maxAttempts times, expires and is told", async () => {
  answersWith(Array(5).fill([500]));
  const told = [];
  const events = collector({
    maxAttempts: 2,
    onError: (error, list) => told.push([error.code, list]),
  });
  events.collect("s", { a: 1 });
  assert.equal(balanced(await events.flush()).expired, 1);
  assert.deepEqual(told, [["expired", [{ a: 1 }]]]);
  assert.equal(requests.length, 2);
});

test("a full queue gives up what the policy says, and tells", async () => {
  for (const [overflow, kept] of [
    ["drop-oldest", [2, 3]],
    ["drop-newest", [0, 1]],
  ]) {
    forgetRequests();
    const told = [];
    const onError = (error, [event]) => told.push([error.code, event.i]);
    const events = collector({ queueSize: 2, overflow, onError });
    for (let i = 0; i < 4; i++) events.collect("s", { i });
    assert.equal(balanced(await events.stop()).dropped, 2);
    assert.deepEqual(
      requests[0].body.map(({ i }) => i),
      kept,
      overflow,
    );
    assert.deepEqual(
      told.map(([code]) => code),
      ["queue_full", "queue_full"],
    );
  }
});

test("a callback that throws hurts nobody", async (t) => {
  const printed = t.mock.method(console, "error", () => {});
  answersWith([[400]]);
  const events = collector({
    onError: () => {
      throw new Error("mine");
    },
  });
  events.collect("s", { a: 1 });
  assert.equal((await events.stop()).rejected, 1);
  assert.equal(printed.mock.callCount(), 1);
});

test("values that JSON refuses are sent all the same", async () => {
  const cycle = { name: "c" };
  cycle.self = cycle;
  const events = collector();
  const bad = {
    get value() {
      throw new Error("no");
    },
  };
  events.collect("s", { big: 10n, nan: NaN, at: new Date(0), cycle, bad });
  await events.stop();
  const [{ $id: _, ...event }] = requests[0].body;
  assert.deepEqual(event, {
    big: "10",
    nan: null,
    at: "1970-01-01T00:00:00.000Z",
    cycle: { name: "c", self: null },
    bad: { value: null },
    // What was lost is named, so that nobody takes null for the truth.
    $altered: ["big", "nan", "cycle.self", "bad.value"],
  });
});

test("onError may track again", async () => {
  let told = 0;
  const client = analytics({
    queueSize: 1,
    onError: () => {
      if (++told === 1) client.track("gave up");
    },
  });
  client.track("a");
  client.track("b");
  const { accepted } = balanced(client.ledger());
  assert.deepEqual([told, accepted], [2, 3]);
  await client.close();
});

test("waitUntil is called once for a burst and lasts until it is delivered", async () => {
  const promises = [];
  const client = analytics({ flushInterval: 60_000, waitUntil: (work) => promises.push(work) });
  client.track("a");
  client.track("b");
  assert.equal(promises.length, 1);
  await promises[0];
  assert.equal(client.ledger().delivered, 2);
  assert.equal(requests.length, 1);
});

test("an event costs no request of its own, and the process may end", async () => {
  const client = analytics({ flushInterval: 20 });
  for (let i = 0; i < 50; i++) client.track("e", { i });
  await eventually("all are delivered", () => client.ledger().pending === 0);
  assert.equal(requests.length, 1);
});
