// What is asked of Stride's clients. Paths are those of the union of the official clients' tables.

const READS = [
  "/collect",
  "/collect/clicks",
  "/process",
  "/process/per_minute",
  "/analyze",
  "/analyze/top10",
  "/analyze/top10/results",
];
const PROCESS = { query: "SELECT count(*) FROM clicks", action: { type: "MATERIALIZE" } };
const EVENT = { $id: "1", user: 7, tags: ["a", "é", "😀"], nested: { "": null } };

const BAD_PATHS = [
  "",
  "collect",
  "/",
  "/collect/",
  "/collect/1bad",
  "/collect/a-b",
  "/collect/a/b",
  "/collect/a/subscribe",
  "/v1/collect",
  "/COLLECT",
  "/process/p/results",
  "/analyze/q/stats",
  "/else",
];

/** An event in each of two streams by turns. */
const alternating = (count) =>
  Array.from({ length: count }, (_, n) => ["collect", `s${n % 2}`, { n }]);

/** The interval is long enough for a slow machine. */
const oneByOne = { batch_size: 10, concurrency: 1, flush_interval: 4 };

export const scenarios = [
  {
    name: "reads of every kind of path",
    answers: [{ body: ["clicks", "app_events"] }, { body: { name: "clicks", n: 1.5, none: null } }],
    calls: READS.map((path) => ["get", path]),
  },
  {
    name: "writes of events, of one and of several streams",
    calls: [
      ["post", "/collect/clicks", EVENT],
      ["post", "/collect/clicks", [EVENT, { a: 1 }]],
      ["post", "/collect", { clicks: [EVENT], web_logs: [{ a: 1 }, { a: 2 }] }],
    ],
  },
  {
    name: "processes and queries are created, replaced and deleted",
    answers: [{ status: 201 }, { status: 201 }, { body: [{ n: 1 }] }, {}],
    calls: [
      ["post", "/process/per_minute", PROCESS],
      ["post", "/process/per_minute", { ...PROCESS, action: "MATERIALIZE" }],
      ["post", "/analyze", { query: "SELECT 1" }],
      ["post", "/analyze/top10", { query: "SELECT * FROM per_minute" }],
      ["post", "/analyze/top10/results", { start_date: "2016-01-01" }],
      ["put", "/process/per_minute", PROCESS],
      ["put", "/analyze/top10", { query: "SELECT 2" }],
      ["delete", "/collect/clicks"],
      ["delete", "/process/per_minute"],
      ["delete", "/analyze/top10"],
    ],
  },
  {
    name: "bodies that are falsy",
    calls: [{}, [], null, false, 0, ""].flatMap((body) => [
      ["post", "/analyze/top10/results", body],
      ["put", "/process/per_minute", body],
      ["post", "/collect/clicks", body],
    ]),
  },
  {
    name: "paths that no method takes",
    calls: BAD_PATHS.flatMap((path) => [
      ["get", path],
      ["post", path, { a: 1 }],
      ["put", path, { a: 1 }],
      ["delete", path],
      ["subscribe", path, 0],
    ]),
  },
  {
    name: "paths that some methods take",
    calls: [
      ["post", "/process", PROCESS],
      ["put", "/process", PROCESS],
      ["delete", "/process"],
      ["put", "/collect", {}],
      ["delete", "/collect"],
      ["put", "/analyze", {}],
      ["delete", "/analyze"],
      ["put", "/collect/clicks", {}],
      ["put", "/analyze/top10/results", {}],
      ["delete", "/analyze/top10/results"],
      ["subscribe", "/collect", 0],
      ["subscribe", "/analyze/top10", 0],
    ],
  },
  {
    name: "paths that only other official clients take",
    calls: [
      ["get", "/process/per_minute/stats"],
      ["get", "/analyze/top10/results?start_date=2016-01-01"],
    ],
  },
  {
    name: "a path that ends with a line break",
    calls: [["get", "/collect/clicks\n"]],
  },
  {
    name: "statuses of refusals",
    answers: [400, 401, 403, 404, 429, 500, 503, 504].map((status) => ({
      status,
      body: { error: `status ${status}`, message: "words" },
    })),
    calls: Array.from({ length: 8 }, () => ["post", "/collect/clicks", EVENT]),
  },
  {
    name: "answers without a body, or with one that is no JSON",
    answers: ["", "{bad", "<html>", '"text"', "0", "false", "null", "[]", " ", "\r\n"].map(
      (body, n) => ({ status: n % 2 ? 502 : 200, body }),
    ),
    calls: Array.from({ length: 10 }, () => ["get", "/process"]),
  },
  {
    name: "no answer in time",
    // Long enough that a busy machine has sent the request before.
    options: { timeout: 3 },
    answers: [{ delay: 9000 }],
    calls: [["get", "/process"]],
  },
  { name: "a connection that is cut", answers: [{ cut: true }], calls: [["get", "/process"]] },
  {
    name: "a subscription with keep-alives",
    answers: [
      {
        frames: [
          '{"$id": 1}\r\n',
          "\r\n",
          '{"$id": 2, "é": "😀"}\r\n',
          '{"i": 3}\r\n{"i"',
          ":4}\r\n",
          null,
        ],
      },
    ],
    calls: [["subscribe", "/collect/clicks", 4]],
  },
  {
    name: "a subscription with a sample",
    answers: [{ frames: ['{"old": {"n": 1}, "new": {"n": 2}}\r\n', null] }],
    calls: [["subscribe", "/process/per_minute", 1, 100]],
  },
  {
    name: "a subscription that is refused",
    answers: [{ status: 404, body: { error: "no such stream" } }, { status: 403 }],
    calls: [
      ["subscribe", "/collect/clicks", 1],
      ["subscribe", "/collect/clicks", 1],
    ],
  },
  {
    name: "ids and timestamps",
    calls: [
      ["set_id", "a"],
      ["set_id", 7],
      ["set_id", null],
      ["set_timestamp", "2016-09-12T09:00:00"],
      ["set_timestamp", "2016-09-12T09:00:00.250"],
      ["set_timestamp", null],
    ],
  },
  {
    name: "a collector that does not run",
    calls: [
      ["collector", {}],
      ["collect", "s0", { a: 1 }],
      ["start"],
      ["start"],
      ["stop"],
      ["collect", "s0", { a: 1 }],
    ],
  },
  {
    name: "two streams in batches of ten",
    collects: true,
    calls: [["collector", oneByOne], ["start"], ...alternating(25), ["stop"]],
  },
  {
    name: "lists of events in one call",
    collects: true,
    calls: [
      ["collector", oneByOne],
      ["start"],
      ["collect", "s0", [{ n: 1 }, { n: 2 }]],
      ["collect", "s0", []],
      ["collect", "s0", [{ n: 3, $id: "mine", $timestamp: "2016-09-12 09:00:00" }]],
      ["stop"],
    ],
  },
  {
    name: "a server that is away for one request",
    collects: true,
    answers: [{ status: 503, body: { error: "away" } }, {}],
    calls: [["collector", oneByOne], ["start"], ...alternating(4).slice(0, 1), ["stop"]],
  },
  {
    name: "a server that refuses the key",
    collects: true,
    answers: [{ status: 401, body: { error: "no such key" } }],
    calls: [["collector", oneByOne], ["start"], ["collect", "s0", { n: 1 }], ["stop"]],
  },
];
