// pystride 0.1.6 sends to our server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runPython } from "./differential.mjs";
import { assertEvents, following, kept, served, watched } from "./serve.mjs";

const EVENT = { $id: "1", user: 7, tags: ["a", "é", "😀"], nested: { "": null } };

const send = async (url, calls, options) =>
  (await runPython("stride", { url, calls, options })).results.map(({ result, error }) => {
    assert.equal(error, undefined);
    return result && "statusCode" in result ? [result.statusCode, result.data] : result;
  });

test("events of one and of several streams are stored, listed and dropped", async (t) => {
  const server = await served(t, ["key:admin"]);
  const next = await following(t, server);
  const results = await send(server.url, [
    ["post", "/collect/clicks", EVENT],
    ["post", "/collect/clicks", [EVENT, { $id: 2, a: 1 }]],
    ["post", "/collect", { clicks: [{ a: 2 }], web_logs: [{ b: 1 }, { b: 2 }] }],
    ["get", "/collect"],
    ["get", "/collect/clicks"],
    ["delete", "/collect/web_logs"],
    ["delete", "/collect/web_logs"],
    ["get", "/collect/web_logs"],
    ["get", "/collect"],
  ]);
  const [, one] = results[4];
  assert.deepEqual([one.name, one.count], ["clicks", 3], "an id counts once");
  const none = [404, { error: "no stream of that name", message: "no stream of that name" }];
  const done = [200, null];
  assert.deepEqual(results.toSpliced(4, 1), [
    ...[done, done, done],
    [200, ["clicks", "web_logs"]],
    ...[done, none, none],
    [200, ["clicks"]],
  ]);
  assert.deepEqual(await kept(server, "clicks"), [EVENT, { $id: 2, a: 1 }, { a: 2 }]);
  assertEvents(await next(5), [EVENT, { $id: 2, a: 1 }, { a: 2 }, { b: 1 }, { b: 2 }]);
});

test("its ids and timestamps are understood", async (t) => {
  const server = await served(t, ["key:write"]);
  const [withId, late, early] = await send(server.url, [
    ["set_id", "mine"],
    ["set_timestamp", "2026-09-12 09:00:00.250000"],
    ["set_timestamp", "2026-09-12 08:00:00"],
  ]);
  await send(server.url, [["post", "/collect/s", [withId, late, early, withId]]]);
  assert.deepEqual(await kept(server, "s"), [early, late, withId]);
});

test("a subscription gives what is collected, and no more of it than its sample", async (t) => {
  const server = await served(t, ["key:admin"]);
  const post = (body) => {
    const headers = { authorization: `Basic ${btoa("key:")}` };
    return fetch(`${server.url}/v1/collect/live`, { method: "POST", headers, body });
  };
  let isDone = false;
  const [sent, answered] = [[], []];
  const calls = [
    ["subscribe", "/collect/live", 5],
    ["subscribe", "/collect/live", 3, 2],
  ];
  const subscribed = send(server.url, calls).finally(() => (isDone = true));
  // Nobody is told when it begins to listen.
  for (let n = 0; !isDone; n++) {
    sent.push(Date.now());
    assert.equal((await post(JSON.stringify({ $id: n, n }))).status, 200);
    answered.push(Date.now());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const [[status, all], [sampledStatus, sampled]] = await subscribed;
  assert.deepEqual([status, sampledStatus], [200, 200]);
  const first = all[0].n;
  assert.deepEqual(
    all.map(({ $id, n }) => [$id, n]),
    [0, 1, 2, 3, 4].map((n) => [first + n, first + n]),
  );
  assert.equal(sampled[1].n, sampled[0].n + 1, "the first two of a second");
  // A second is counted from when events were kept: after they were sent, before it was answered.
  const second = (time) => Math.floor(time / 1000);
  assert.ok(second(answered[sampled[2].n]) > second(sent[sampled[0].n]));
});

test("a collector's events all arrive, in the order of each stream", async (t) => {
  const server = await served(t, ["key:write"]);
  const events = Array.from({ length: 100 }, (_, n) => ["collect", `s${n % 2}`, { n }]);
  const options = { batch_size: 10, concurrency: 1, flush_interval: 1 };
  await send(server.url, [["collector", options], ["start"], ...events, ["stop"]]);
  for (const [stream, first] of [
    ["s0", 0],
    ["s1", 1],
  ]) {
    const numbers = (await kept(server, stream)).map(({ n }) => n);
    assert.deepEqual(
      numbers,
      Array.from({ length: 50 }, (_, n) => 2 * n + first),
    );
  }
});

test("processes and queries are refused in words it can read", async (t) => {
  const server = await served(t, ["key:admin"]);
  const results = await send(server.url, [
    ["get", "/process"],
    ["post", "/process/p", { query: "SELECT 1", action: { type: "MATERIALIZE" } }],
    ["put", "/process/p", { query: "SELECT 1" }],
    ["delete", "/process/p"],
    ["get", "/analyze/q/results"],
    ["post", "/analyze/q/results", {}],
    ["subscribe", "/process/p", 1],
  ]);
  for (const [status, { error }] of results) {
    assert.equal(status, 501);
    assert.equal(error, "not supported by this server: it keeps streams, no processes or queries");
  }
});

test("a key is told what it may not do", async (t) => {
  const calls = [
    ["get", "/collect"],
    ["post", "/collect/s", { a: 1 }],
    ["delete", "/collect/s"],
    ["subscribe", "/collect/s", 1],
  ];
  const open = await served(t, ["key:write"]);
  const statuses = (results) => results.map(([status]) => status);
  assert.deepEqual(statuses(await send(open.url, calls)), [403, 200, 403, 403]);
  const other = await served(t, ["other:write"]);
  const results = await send(other.url, calls);
  assert.deepEqual(statuses(results), [401, 401, 401, 401]);
  assert.equal(results[0][1].error, "invalid API key");
  assert.deepEqual(await kept(other), []);
});

test("a call beyond the limit is an answer: this client does not retry", async (t) => {
  const server = await served(t, ["key:write"], "--rate-limit", "1/3600");
  const seen = await watched(t, server);
  const post = ["post", "/collect/s", { a: 1 }];
  const results = await send(seen.url, [post, post, post]);
  // A window may end between them.
  const [status, { error }] = results.findLast(([status]) => status === 429);
  assert.deepEqual([status, error], [429, "too many calls with this API key"]);
  assert.ok(seen.answers.some(({ retryAfter }) => /^[1-9]\d*$/.test(retryAfter)));
  assert.equal((await kept(server)).length, results.filter(([status]) => status === 200).length);
});
