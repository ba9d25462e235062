// What is asked of RudderStack's clients on a server. A call is one object of named members, as their
// Node.js SDK takes it. { $date: text } is a date.

import { waits } from "./differential.mjs";

const CALLS = {
  identify: { traits: { email: "a@example.com", plan: { name: "pro", seats: 3 } } },
  track: { event: "Signed Up", properties: { plan: "pro", price: 9.99, tags: ["a", "é 😀"] } },
  page: { category: "Docs", name: "Start", properties: { url: "https://example.com/" } },
  screen: { category: "Main", name: "Home", properties: { width: 390 } },
  group: { groupId: "g1", traits: { name: "Initech" } },
};

/** The six calls, each with `more`. */
const six = (more, previous = { previousId: "old" }) => [
  ...Object.entries(CALLS).map(([name, members]) => [name, { ...members, ...more }]),
  ["alias", { userId: "u1", ...more, anonymousId: undefined, ...previous }],
];

const track = (more) => ["track", { userId: "u1", event: "E", ...more }];

const EVERYTHING = {
  context: { ip: "10.0.0.1", app: { name: "shop", build: 7 }, library: { name: "mine" } },
  integrations: { All: false, Slack: true },
  timestamp: "2016-09-12T09:00:00.250+00:00",
};

const status = (status, body = "", headers) => ({
  name: `${status} again and again`,
  attempts: true,
  answers: [{ status, body, headers }],
  calls: [track({ messageId: "m1" })],
});

export const scenarios = [
  { name: "the six calls of a user", calls: six({ userId: "u1" }) },
  { name: "the calls of an anonymous visitor", calls: six({ anonymousId: "a1" }).slice(0, 5) },
  { name: "the calls of a visitor who is known", calls: six({ userId: "u1", anonymousId: "a1" }) },
  { name: "ids that are numbers", calls: six({ userId: 7 }, { previousId: 8 }) },
  { name: "context, integrations and timestamp", calls: six({ userId: "u1", ...EVERYTHING }) },
  {
    name: "the caller's message id",
    calls: [track({ messageId: "m1" }), ["identify", { userId: "u1", messageId: "m2" }]],
  },
  {
    name: "calls with nothing but what they must have",
    calls: [
      ["identify", { userId: "u1" }],
      track(),
      ["page", { userId: "u1", name: "Start" }],
      ["screen", { userId: "u1", name: "Home" }],
      ["group", { userId: "u1", groupId: "g1" }],
      ["page", { userId: "u1" }],
    ],
  },
  {
    name: "values of each type",
    calls: [
      track({
        properties: {
          none: null,
          yes: true,
          whole: 7,
          part: -2.5,
          large: 1e21,
          date: { $date: "2016-09-12T09:00:00+00:00" },
          list: [1, [null, {}]],
          "": "empty name",
        },
      }),
    ],
  },
  {
    name: "several users by turns",
    calls: [
      ["identify", { userId: "u1", traits: { email: "1@example.com" } }],
      ["identify", { userId: "u2", traits: { email: "2@example.com" } }],
      track({ userId: "u1" }),
      track({ userId: "u2" }),
      track({ userId: undefined, anonymousId: "a3" }),
    ],
  },
  {
    name: "arguments that are wrong",
    onlyResults: true,
    calls: [
      ["track", { event: "E" }],
      ["track", { userId: "u1" }],
      ["track", { userId: "u1", event: "" }],
      track({ properties: "x" }),
      track({ context: "x" }),
      track({ integrations: "x" }),
      ["identify", { traits: { a: 1 } }],
      ["identify", { userId: "u1", traits: "x" }],
      ["group", { userId: "u1" }],
      ["group", { userId: "u1", groupId: "g1", traits: "x" }],
      ["alias", { userId: "u1" }],
      ["alias", { previousId: "old" }],
      ["page", { userId: "u1", name: "n", properties: 7 }],
      ["screen", { userId: "u1", name: "n", properties: 7 }],
    ],
  },
  {
    name: "batches of the default size",
    sizes: true,
    calls: Array.from({ length: 250 }, (_, n) => track({ messageId: `m${n}` })),
  },
  status(200, "OK"),
  status(204),
  status(400, "invalid json\n"),
  status(401, "invalid write key\n"),
  status(404, "source is disabled\n"),
  status(413, "request size exceeds max limit\n"),
  status(429, "max requests limit reached\n"),
  status(500, "failed to read body from request\n"),
  {
    ...status(503, "", { "retry-after": "1" }),
    name: "503 with a time",
    check: waits("/v1/batch", 1000),
  },
  {
    ...status(500),
    name: "500 once",
    answers: [{ status: 500 }, { status: 200, body: "OK" }],
  },
  {
    ...status(0),
    name: "a connection that is cut again and again",
    answers: [{ cut: true }],
  },
];
