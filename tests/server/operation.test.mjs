// What whoever runs the server sees of it: health, numbers, log lines.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "sluicebox/node";
import { createServer, memory, sql } from "sluicebox/server";
import { until } from "./command.mjs";
import { samples } from "./prometheus.mjs";

const SECRET = "s3cret-key";
const KEYS = { [SECRET]: "admin", writer: "write", reader: "read" };
const basic = (key) => ({ authorization: `Basic ${btoa(`${key}:`)}` });

/** A database that can be told not to answer, or to fail. */
function database() {
  const state = { answers: () => [] };
  const driver = {
    dialect: "sqlite",
    transaction: async (statements) => {
      await state.answers(statements);
      return statements.map(({ sql }) =>
        /SELECT name, value/.test(sql)
          ? [
              { name: "origin", value: 0, content: "0".repeat(32) },
              { name: "version", value: 1, content: null },
            ]
          : [{ value: 0 }],
      );
    },
  };
  return { state, store: sql(driver, { keys: [] }) };
}

const never = () => new Promise(() => {});

async function listen(t, options) {
  const server = createServer(options);
  const listening = await serve(server, { port: 0 });
  t.after(() => listening.close());
  const post = (path, body, headers) =>
    fetch(listening.url + path, { method: "POST", body, headers });
  const get = (path, headers) => fetch(listening.url + path, { headers });
  return { server, url: listening.url, post, get };
}

test("the numbers are in Prometheus' format, and count what was done", async (t) => {
  const { post, get } = await listen(t, { store: memory({ keys: ["a"] }) });
  const events = '[{"a":1},{"a":2},{"a":3}]';
  await post("/v1/collect/x", events);
  await post("/v1/collect/x", "{not json");
  await post("/v1/track", '{"userId":"u","event":"E"}', basic("wk"));
  await post("/", '{"method":"items","args":[0,10]}');
  const live = await get("/subscribe");
  const response = await get("/metrics");
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const seen = samples(await response.text());
  const count = (name, labels = "") => seen.get(`sluicebox_${name}${labels}`);
  const requests = (protocol, status) =>
    count("requests_total", `{protocol="${protocol}",status="${status}"}`);
  assert.equal(requests("stride", 200), 1);
  assert.equal(requests("stride", 400), 1);
  assert.equal(requests("rudderstack", 200), 1);
  assert.equal(requests("awesomestream", 200), 2);
  assert.equal(count("events_stored_total"), 4);
  assert.equal(count("events_refused_total"), 0);
  assert.ok(count("received_bytes_total") > events.length);
  assert.equal(count("live_subscriptions"), 1);
  assert.equal(count("insert_duration_seconds_count"), 2);
  assert.equal(count("items_duration_seconds_count"), 1);
  assert.equal(count("insert_duration_seconds_bucket", '{le="+Inf"}'), 2);
  await live.body.cancel();
  await until(async () => {
    const text = await (await get("/metrics")).text();
    return samples(text).get("sluicebox_live_subscriptions") === 0;
  }, "the subscription is gone");
});

test("with keys, the numbers are for who may read", async (t) => {
  const { get } = await listen(t, { apiKeys: KEYS });
  const statuses = [];
  for (const key of ["reader", SECRET, "writer", "stranger"]) {
    statuses.push((await get("/metrics", basic(key))).status);
  }
  assert.deepEqual(statuses, [200, 200, 403, 401]);
  assert.equal((await get("/metrics")).status, 401);
  assert.equal((await get("/metrics", { authorization: "Bearer reader" })).status, 200);
  assert.equal((await get("/healthz")).status, 200);
});

test("each request is a line, without keys and bodies, and a live one when it ends", async (t) => {
  const lines = [];
  const { post, get } = await listen(t, {
    store: memory({ keys: ["a"] }),
    apiKeys: KEYS,
    log: (line) => lines.push(line),
  });
  await post("/v1/collect/x", '[{"a":"private"},{"a":2}]', basic(SECRET));
  await get(`/pixel/v1/track?writeKey=${SECRET}&userId=private&event=E`);
  const live = await get("/v1/collect/x/subscribe?a=private", basic(SECRET));
  await live.body.cancel();
  await until(() => lines.length === 3, "three lines");
  const [first, , last] = lines;
  const { time, ms, ...rest } = first;
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000 && ms >= 0 && ms < 10_000);
  assert.deepEqual(rest, {
    level: "info",
    method: "POST",
    path: "/v1/collect/x",
    protocol: "stride",
    status: 200,
    bytesIn: 25,
    bytesOut: 0,
    stored: 2,
  });
  assert.deepEqual([last.path, last.status], ["/v1/collect/x/subscribe", 200]);
  assert.doesNotMatch(JSON.stringify(lines), new RegExp(`${SECRET}|${btoa(SECRET)}|private`));
});

test("a log that throws or rejects breaks nothing", async (t) => {
  for (const log of [
    () => {
      throw new Error("full disk");
    },
    async () => {
      throw new Error("full disk");
    },
  ]) {
    const { post } = await listen(t, { log });
    assert.equal((await post("/v1/collect/x", "{}")).status, 200);
  }
});

test("health asks the store; what fails is told, counted, and said on the console once a minute", async (t) => {
  const { state, store } = database();
  const { get, post } = await listen(t, { store });
  const said = t.mock.method(console, "error", () => {});
  assert.deepEqual(
    [(await get("/healthz")).status, await (await get("/healthz")).text()],
    [200, "ok\n"],
  );
  state.answers = () => {
    throw new Error("disk I/O error");
  };
  for (let i = 0; i < 3; i += 1) {
    const response = await get("/healthz");
    assert.equal(response.status, 503);
    assert.match(await response.text(), /the store does not answer/);
  }
  assert.equal((await post("/v1/collect/x", "{}")).status, 503);
  assert.equal(said.mock.callCount(), 1);
  assert.deepEqual(said.mock.calls[0].arguments, ["sluicebox: disk I/O error"]);
  const seen = samples(await (await get("/metrics")).text());
  assert.ok(seen.get("sluicebox_store_failures_total") >= 4);
  assert.equal(seen.get("sluicebox_events_refused_total"), 1);
  state.answers = () => {};
  assert.equal((await get("/healthz")).status, 200);
});

test("RudderStack's health tells of the store too", async (t) => {
  const { state, store } = database();
  const { get } = await listen(t, { store, log: () => {} });
  const health = async (path) => {
    const response = await get(path);
    const { server, db, acceptingEvents } = await response.json();
    return [response.status, server, db, acceptingEvents];
  };
  for (const path of ["/health", "/"]) {
    state.answers = () => {};
    assert.deepEqual(await health(path), [200, "UP", "UP", "TRUE"]);
    state.answers = () => {
      throw new Error("disk I/O error");
    };
    assert.deepEqual(await health(path), [503, "UP", "DOWN", "FALSE"]);
  }
});

test("a store that never answers costs a request its time, in each protocol's own form", async (t) => {
  const { state, store } = database();
  const lines = [];
  const { get, post } = await listen(t, {
    store,
    storeTimeout: 100,
    log: (line) => lines.push(line),
  });
  assert.equal((await post("/v1/collect/x", "{}")).status, 200);
  state.answers = never;
  const since = performance.now();
  const answers = await Promise.all([
    post("/v1/collect/x", "{}"),
    post("/v1/track", '{"userId":"u","event":"E"}', basic("wk")),
    post("/", '{"id":7,"method":"insert","args":[{"a":1}]}'),
    get("/v1/collect"),
    get("/healthz"),
  ]);
  assert.ok(performance.now() - since < 20_000);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [503, 503, 503, 503, 503],
  );
  for (const { headers } of answers) assert.match(headers.get("retry-after"), /^\d+$/);
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  assert.match(JSON.parse(texts[0]).error, /does not answer/);
  assert.match(texts[1], /^the store does not answer.*\n$/);
  assert.match(JSON.parse(texts[2]).error, /^OperationalError/);
  assert.ok(lines.some((line) => line.level === "error" && /within 100 ms/.test(line.message)));
});

test("calls that hang are not followed by more and more of them, and it recovers by itself", async (t) => {
  const { state, store } = database();
  const { post } = await listen(t, { store, storeTimeout: 50, log: () => {} });
  assert.equal((await post("/v1/collect/x", "{}")).status, 200);
  let calls = 0;
  state.answers = () => ((calls += 1), never());
  for (let i = 0; i < 40; i += 1) {
    await Promise.all(Array.from({ length: 5 }, () => post("/v1/collect/x", "{}")));
    if (calls >= 16) break;
  }
  const before = calls;
  const since = performance.now();
  const answers = await Promise.all(Array.from({ length: 300 }, () => post("/v1/collect/x", "{}")));
  assert.ok(answers.every(({ status }) => status === 503));
  // Once in the time of a call one finds out whether it helps.
  const most = 5 + (performance.now() - since) / 50;
  assert.ok(calls - before < most, `${calls - before} calls more, at most ${most}`);
  state.answers = () => {};
  await until(async () => (await post("/v1/collect/x", "{}")).status === 200, "it recovers");
});

test("what waits for a slow store is bounded; beyond it a request is told to come back", async (t) => {
  const { state, store } = database();
  const { server, post, get } = await listen(t, { store, maxWaitingBytes: 1024 * 1024 });
  assert.equal((await post("/v1/collect/x", "{}")).status, 200);
  let release;
  const gate = new Promise((resolve) => (release = resolve));
  state.answers = () => gate;
  const body = JSON.stringify([{ text: "x".repeat(200_000) }]);
  const held = Array.from({ length: 5 }, () => post("/v1/collect/x", body));
  // The numbers do not ask the store.
  const waiting = async () =>
    samples(await (await server.fetch(new Request("http://a/metrics"))).text()).get(
      "sluicebox_store_waiting_bytes",
    );
  await until(async () => (await waiting()) > 1_000_000, "they wait");
  const beyond = await post("/v1/collect/x", body);
  assert.deepEqual([beyond.status, beyond.headers.has("retry-after")], [503, true]);
  assert.ok(JSON.parse(await beyond.text()).error);
  const track = JSON.stringify({ userId: "u", event: "x".repeat(200_000) });
  assert.equal((await post("/v1/track", track, basic("wk"))).status, 503);
  await assert.rejects(server.insert({ text: "x".repeat(200_000) }), { code: "storage" });
  release();
  for (const answer of await Promise.all(held)) assert.equal(answer.status, 200);
  assert.equal((await get("/healthz")).status, 200);
  assert.equal((await post("/v1/collect/x", body)).status, 200);
});

test("the most subscriptions are open: one more is told to come back", async (t) => {
  const { get } = await listen(t, { maxSubscriptions: 2 });
  const open = [await get("/subscribe"), await get("/v1/collect/x/subscribe")];
  const refused = await get("/v1/collect/x/subscribe");
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "10"]);
  assert.match(JSON.parse(await refused.text()).error, /most live subscriptions/);
  await open[0].body.cancel();
  const again = await until(async () => {
    const answer = await get("/subscribe");
    return answer.status === 200 && answer;
  }, "there is room again");
  await Promise.all([again.body.cancel(), open[1].body.cancel()]);
});

test("wrong options name themselves and their limits", () => {
  for (const [options, words] of [
    [{ maxSubscriptions: -1 }, /"maxSubscriptions" must be a number of at least 0/],
    [{ storeTimeout: 0 }, /"storeTimeout" must be a number of at least 1/],
    [{ storeTimeout: 1e12 }, /"storeTimeout" must be at most 2147483647 ms/],
    [{ maxWaitingBytes: "1" }, /"maxWaitingBytes"/],
    [{ log: "stderr" }, /"log" must be a function/],
  ]) {
    assert.throws(() => createServer(options), { code: "invalid_argument", message: words });
  }
});

test("an event that comes in the moment in which the one before was stored is stored too", async (t) => {
  const { state, store } = database();
  const server = createServer({ store });
  t.after(() => server.close());
  await server.insert({});
  for (let ticks = 0; ticks < 60; ticks += 1) {
    let answer;
    state.answers = () => new Promise((resolve) => (answer = resolve));
    const before = server.insert({ ticks });
    await until(() => answer, "the store is asked");
    state.answers = () => {};
    answer();
    for (let tick = 0; tick < ticks; tick += 1) await undefined;
    const next = server.insert({ ticks });
    const late = new Promise((_, reject) =>
      setTimeout(reject, 60_000, new Error(`${ticks} ticks`)).unref(),
    );
    await Promise.race([Promise.all([before, next]), late]);
  }
});
