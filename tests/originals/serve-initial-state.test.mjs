// ISStreamer 2.0.0 and ISReader 1.0.0, unmodified, send to our server and read from it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runPython } from "./differential.mjs";
import { assertEvents, following, kept, served, watched } from "./serve.mjs";

/** Seconds; far enough from ten years back. */
const AT = 1_790_000_000.25;

const log = (key, value, epoch) => ["log", key, value, epoch];
const send = (url, calls, options = {}) => runPython("initial_state", { url, calls, options });
const succeeded = ({ results }) =>
  assert.ok(
    results.every(({ error }) => !error),
    JSON.stringify(results),
  );

test("every call it has is stored as it was made, and followed live", async (t) => {
  const server = await served(t, ["ak:write"]);
  const next = await following(t, server);
  const run = await send(server.url, [
    log("temperature", 21.5, AT),
    log("room", "attic é 😀", AT + 1),
    log("on", true, AT + 2),
    ["log_object", [1, "two"], { epoch: AT + 3 }],
    ["log_object", { a: 1, b: 2.5 }, { key_prefix: "p", epoch: AT + 4 }],
    ["log_object", { c: false }, { key_prefix: "", epoch: AT + 5 }],
    ["log_reading", { key_prefix: "r", epoch: AT + 6 }],
    ["flush"],
    ["set_bucket", "New", "bk2"],
    log("other", -7, AT + 7),
    ["close"],
  ]);
  succeeded(run);
  const first = [
    { key: "temperature", value: 21.5, epoch: AT },
    { key: "room", value: "attic é 😀", epoch: AT + 1 },
    { key: "on", value: true, epoch: AT + 2 },
    { key: "list_0", value: 1, epoch: AT + 3 },
    { key: "list_1", value: "two", epoch: AT + 3 },
    { key: "p_a", value: 1, epoch: AT + 4 },
    { key: "p_b", value: 2.5, epoch: AT + 4 },
    { key: "c", value: false, epoch: AT + 5 },
    { key: "r_celsius", value: 21.5, epoch: AT + 6 },
    { key: "r_room", value: "attic", epoch: AT + 6 },
  ];
  const second = [{ key: "other", value: -7, epoch: AT + 7 }];
  assert.deepEqual(await kept(server, "bk"), first);
  assert.deepEqual(await kept(server, "bk2"), second);
  assert.deepEqual(await server.reader.items({ where: { key: "p_a" } }), [first[5]]);
  const time = new Date(AT * 1000).toISOString();
  const seen = await next(11);
  assertEvents(seen, [...first, ...second]);
  assert.equal(seen[0].$timestamp, time);
});

test("a time of its own is the client's clock", async (t) => {
  const server = await served(t, ["ak:write"]);
  const from = Date.now() / 1000 - 1;
  succeeded(await send(server.url, [log("a", 1), ["close"]]));
  const [{ epoch }] = await kept(server, "bk");
  assert.ok(epoch > from && epoch < Date.now() / 1000 + 1, String(epoch));
});

test("a buffer that fills is shipped in order", async (t) => {
  const server = await served(t, ["ak:write"]);
  const calls = Array.from({ length: 50 }, (_, n) => log("n", n, AT + n));
  succeeded(await send(server.url, [...calls, ["close"]], { buffer_size: 7 }));
  const values = (await kept(server, "bk")).map(({ value }) => value);
  assert.deepEqual(values, [...calls.keys()]);
});

test("its threads ship at once, before the bucket is made or after", async (t) => {
  const server = await served(t, ["ak:write"]);
  const calls = Array.from({ length: 60 }, (_, n) => log("n", n, AT + n));
  const options = { buffer_size: 5, use_async: true };
  succeeded(await send(server.url, [...calls, ["close"]], options));
  // Its order is by chance; ours is by time.
  const values = (await kept(server, "bk")).map(({ value }) => value);
  assert.deepEqual(values, [...calls.keys()]);
});

test("values that are none are refused one by one, and their neighbours are stored", async (t) => {
  const server = await served(t, ["ak:write"]);
  const seen = await watched(t, server);
  const calls = [log("good", 1, AT), log("null", null), log("list", []), log("k".repeat(251), 1)];
  succeeded(await send(seen.url, [...calls, log("good", 2, AT), ["close"]]));
  assert.deepEqual(
    seen.answers.map(({ status }) => status),
    [201, 207],
  );
  const { accepted, rejected } = JSON.parse(seen.answers[1].text);
  assert.deepEqual([accepted, rejected.map(({ index }) => index)], [2, [1, 2, 3]]);
  assert.deepEqual(
    (await kept(server, "bk")).map(({ value }) => value),
    [1, 2],
  );
});

test("a bucket of the same key belongs to each access key by itself", async (t) => {
  const server = await served(t, ["ak:write", "ak2:write"]);
  succeeded(await send(server.url, [log("a", 1, AT), ["close"]]));
  succeeded(await send(server.url, [log("a", 2, AT), ["close"]], { access_key: "ak2" }));
  assert.deepEqual(await kept(server, "bk"), [{ key: "a", value: 1, epoch: AT }]);
  assert.equal((await kept(server)).length, 2);
});

test("a wrong access key is the client's own error, and nothing is stored", async (t) => {
  const server = await served(t, ["other:write"]);
  // Its level counts only from the end of its constructor, which makes the bucket.
  const { printed } = await send(server.url, [log("a", 1), ["close"]], { debug_level: 1 });
  assert.equal(printed.match(/ERROR: unauthorized access_key: ak/g)?.length, 1);
  assert.deepEqual(await kept(server), []);
});

test("calls beyond the limit are retried when the server says so, and nothing is lost", async (t) => {
  // More than two windows hold, so that it cannot slip through where one ends; and windows so long
  // that a busy machine makes the calls in fewer than three of them.
  const server = await served(t, ["ak:write"], "--rate-limit", "3/4");
  const seen = await watched(t, server);
  const calls = Array.from({ length: 7 }, (_, n) => [log("n", n, AT + n), ["flush"]]).flat();
  succeeded(await send(seen.url, [...calls, ["close"]]));
  const refused = seen.answers.filter(({ status }) => status === 429);
  assert.ok(refused.length > 0);
  assert.ok(refused.every(({ retryAfter }) => /^[1-4]$/.test(retryAfter)));
  const values = (await kept(server, "bk")).map(({ value }) => value);
  assert.deepEqual(values, [0, 1, 2, 3, 4, 5, 6]);
});

test("its reader gets the latest event of each key", async (t) => {
  const server = await served(t, ["ak:write", "see:read", "all:admin"]);
  const calls = [log("a", 1, AT), log("b", 2, AT + 1), log("a", 3, AT + 2), ["close"]];
  succeeded(await send(server.url, calls));
  succeeded(await send(server.url, calls, { access_key: "all" }));
  const read = (access_key, bucket_key, ...calls) =>
    runPython("initial_state_reader", { url: server.url, access_key, bucket_key, calls });
  const [a, b] = [
    { key: "a", value: 3, epoch: AT + 2 },
    { key: "b", value: 2, epoch: AT + 1 },
  ];
  for (const key of ["see", "all"]) {
    const { results } = await read(key, "bk", [], [["b"]], [["a", "b"]], [["none"]]);
    assert.deepEqual(
      results.map(({ result }) => result),
      [[a, b], [b], [a, b], []],
    );
  }
  const forbidden = await read("ak", "bk", []);
  assert.match(forbidden.printed, /ERROR: Forbidden/);
  const unknown = await read("nobody", "bk", []);
  assert.match(unknown.printed, /ERROR: Unauthorized/);
  const none = await read("all", "none", []);
  assert.deepEqual(none.results, [{ result: null }]);
});
