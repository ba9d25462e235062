// What is asked of Initial State's Streamer. Unless said otherwise: access key `ak`, bucket `bk`
// named `B N`, and the service makes a bucket (201) and takes events (204).

import { waits } from "./differential.mjs";

/** Answers of the service: those for events one after the other, the last one again and again. */
const service =
  (events = [{ status: 204 }], buckets = [{ status: 201 }]) =>
  () => {
    const left = { "/api/events": [...events], "/api/buckets": [...buckets] };
    return ({ path }) => (left[path].length > 1 ? left[path].shift() : left[path][0]);
  };

const AT = 1700000000.5;
const log = (key, value, epoch = AT) => ["log", key, value, epoch];
const two = [log("a", 1), log("b", "two"), ["close"]];
const refused = (name, answer, more = {}) => ({
  name,
  serving: service([answer]),
  calls: two,
  ...more,
});

const REMOVED = {
  message: { error: { type: "BUCKET_REMOVED", message: "the bucket was removed" } },
};
const CAPPED = { message: "Event limit exceeded for current cycle" };

export const scenarios = [
  {
    name: "a bucket, and values of each type",
    calls: [
      log("text", "x"),
      log("none", ""),
      log("unicode é", "😀"),
      log("whole", 7),
      log("part", -2.5),
      log("large", 1e21),
      log("small", 1e-7),
      log("yes", true),
      log("no", false),
      ["close"],
    ],
  },
  {
    name: "batches of the default buffer",
    calls: [...Array.from({ length: 25 }, (_, n) => log("n", n)), ["close"]],
  },
  {
    name: "a buffer of three",
    options: { buffer_size: 3 },
    calls: [log("t", 1), log("t", 2.5), log("t", true), log("t", "x"), ["flush"], ["close"]],
  },
  {
    name: "times of the caller and of the clock",
    calls: [
      ["log", "now", 1],
      ["log", "null", 1, null],
      log("fraction", 1, 1419876021.778477),
      log("whole", 1, 1419876021),
      log("start", 1, 0),
      log("text", 1, "1419876021"),
      log("beyond", 1, 1e18),
      ["close"],
    ],
  },
  {
    name: "flushes",
    calls: [["flush"], log("a", 1), ["flush"], ["flush"], log("b", 2), ["flush"], ["close"]],
  },
  {
    name: "lists and objects",
    options: { buffer_size: 100 },
    calls: [
      ["log_object", [1, "two", true], { epoch: AT }],
      ["log_object", [1, 2], { key_prefix: "cpu", epoch: AT }],
      ["log_object", [9], { key_prefix: "", epoch: AT }],
      ["log_object", { a: 1, b: 2.5, "c d": "é" }, { epoch: AT }],
      ["log_object", { a: 1 }, { key_prefix: "p", epoch: AT }],
      ["log_object", { a: 1 }, { key_prefix: "", epoch: AT }],
      ["log_object", {}, { epoch: AT }],
      ["log_object", [], { epoch: AT }],
      ["log_object", [1]],
      ["close"],
    ],
  },
  {
    name: "instances of a class",
    byKey: true,
    calls: [
      ["log_reading", { epoch: AT }],
      ["log_reading", { key_prefix: "r", epoch: AT }],
      ["close"],
    ],
  },
  {
    name: "members that are no values",
    calls: [["log_object", { none: null, list: [1], deep: { a: 1 } }, { epoch: AT }], ["close"]],
  },
  {
    name: "keys and values that the service refuses",
    byKey: true,
    calls: [
      log("null", null),
      log("members", {}),
      log("list", []),
      log("", 1),
      log(null, 1),
      log("k".repeat(250), "v".repeat(2000)),
      log("good", 1),
      log("k".repeat(251), 1),
      log("long", "v".repeat(2001)),
      ["close"],
    ],
  },
  {
    name: "a bucket that is there already",
    serving: service(undefined, [{ status: 204 }]),
    calls: two,
  },
  {
    name: "another bucket",
    byBucket: true,
    calls: [log("a", 1), ["set_bucket", "New", "bk2"], log("a", 2), ["close"]],
  },
  {
    name: "another bucket without a key",
    byBucket: true,
    calls: [["set_bucket", "New"], log("a", 2), ["close"]],
  },
  { name: "a stream without a name", options: { bucket_name: "" }, calls: two },
  {
    name: "a bucket key that the service refuses",
    options: { bucket_key: "a:b" },
    calls: [],
  },
  refused("200", { status: 200, body: "{}" }),
  refused("207", { status: 207, body: { accepted: 1, rejected: [] } }),
  refused("400 without JSON", { status: 400, body: "bad" }),
  refused("400 of a removed bucket", { status: 400, body: REMOVED }),
  refused("401", { status: 401, body: { message: "Unauthorized" } }),
  refused("402", { status: 402, body: CAPPED }),
  refused("403", { status: 403, body: '"ACCESS_DENIED_KEY"' }),
  refused("429 without a time", { status: 429 }),
  {
    name: "429 with a time",
    serving: service([{ status: 429, headers: { "retry-after": "1" } }, { status: 204 }]),
    calls: two,
    check: waits("/api/events", 1000),
  },
  {
    name: "429 with a time that is none",
    serving: service([{ status: 429, headers: { "retry-after": "soon" } }, { status: 204 }]),
    calls: two,
  },
  {
    name: "500 once",
    serving: service([{ status: 500 }, { status: 204 }]),
    calls: two,
  },
  refused("500 three times", { status: 500 }),
  refused("a connection that is cut three times", { cut: true }),
  {
    name: "a bucket that is refused",
    serving: service([{ status: 403 }], [{ status: 403, body: '"ACCESS_DENIED_KEY"' }]),
    calls: two,
  },
  {
    name: "a bucket that was removed",
    serving: service([{ status: 204 }], [{ status: 400, body: REMOVED }]),
    calls: two,
  },
  {
    name: "a bucket on a server in trouble",
    serving: service(undefined, [{ status: 500 }, { status: 201 }]),
    calls: two,
  },
  {
    name: "offline",
    options: { offline: true },
    calls: [
      log("a", "v,1", 1.5),
      log("b", true, 2),
      log("c", false, 3),
      log('q"', 'say "x"', AT),
      log("lines", "one\ntwo\r\n", AT),
      log("é", "😀 ", AT),
      log("n", -0.25, AT),
      log("small", 1e-7, AT),
      log("none", "", AT),
      ["log_object", { a: 1, b: [1] }, { epoch: AT }],
      ["flush"],
      ["close"],
    ],
  },
];
