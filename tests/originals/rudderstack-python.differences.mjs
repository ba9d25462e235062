import { ABSENT } from "./compare.mjs";
import { library, runtime } from "./differences.mjs";

const TIME =
  "`originalTimestamp` lets the server correct a wrong clock; `timestamp` is sent when the caller says it";
const ALONE =
  "the client's own anonymous id, one for the process: no event is refused for want of an id";
const NOTHING = "a member that says nothing is left out; the server takes null for none";

/** rudder-sdk-python 2.1.9 and ours. */
export const differences = [
  ...runtime("analytics-python/2.1.9", "envelope"),
  ...library("analytics-python", "2.1.9"),
  {
    at: "envelope.headers.accept",
    original: "*/*",
    ours: "application/json",
    why: "a proxy then explains its errors in JSON, not in a page",
  },
  {
    at: "envelope.headers.content-encoding",
    original: "gzip",
    ours: ABSENT,
    why: "a short body would not get shorter",
    in: ["the caller's message id", "values of each type"],
  },
  {
    at: "envelope.body.sentAt",
    original: "‹now as YYYY-MM-DDThh:mm:ss.SSSSSS+00:00›",
    ours: "‹now as YYYY-MM-DDThh:mm:ss.SSSZ›",
    why: "the form of the event specification, in UTC with Z",
  },
  {
    at: "events[*].timestamp",
    original: "‹now as YYYY-MM-DDThh:mm:ss.SSSSSS+00:00›",
    ours: ABSENT,
    why: TIME,
  },
  {
    at: "events[*].originalTimestamp",
    original: ABSENT,
    ours: "‹now as YYYY-MM-DDThh:mm:ss.SSSZ›",
    why: TIME,
  },
  {
    at: "events[*].originalTimestamp",
    original: ABSENT,
    ours: "2016-09-12T09:00:00.250Z",
    why: TIME,
    in: ["context, integrations and timestamp"],
  },
  {
    at: "events[*].timestamp",
    original: "2016-09-12T09:00:00.250000+00:00",
    ours: "2016-09-12T09:00:00.250Z",
    why: "the form of the event specification, in UTC with Z",
    in: ["context, integrations and timestamp"],
  },
  { at: "events[*].anonymousId", original: null, ours: ABSENT, why: NOTHING },
  { at: "events[*].userId", original: null, ours: ABSENT, why: NOTHING },
  { at: "events[*].category", original: null, ours: ABSENT, why: NOTHING },
  { at: "events[*].name", original: null, ours: ABSENT, why: NOTHING },
  { at: "events[*].context.traits", original: {}, ours: ABSENT, why: NOTHING },
  {
    at: "events[*].properties.name",
    original: ABSENT,
    ours: /^(Start|Home)$/,
    why: "as the browser SDK: destinations look for it among the properties",
  },
  {
    at: "events[*].properties.category",
    original: ABSENT,
    ours: /^(Docs|Main)$/,
    why: "as the browser SDK: destinations look for it among the properties",
  },
  {
    at: "events[*].previousId",
    original: 8,
    ours: "8",
    why: "ids are texts on the wire, this one too",
    in: ["ids that are numbers"],
  },
  {
    at: "events[*].properties.date",
    original: "2016-09-12T09:00:00+00:00",
    ours: "2016-09-12T09:00:00.000Z",
    why: "the same time as JavaScript writes it",
    in: ["values of each type"],
  },
  {
    at: "results[*].error",
    original: /^\w+ must have .*, got: (None|x|7)$/,
    ours: /^"[\w.]+" must be (an object|a non-empty string( or a number)?)$/,
    why: "the argument and what is taken, in the words of this language",
    in: ["arguments that are wrong"],
  },
  {
    at: "results[*].error",
    original: /^(user_id or anonymous_id|previous_id) must have .*, got: None$/,
    ours: ABSENT,
    why: ALONE,
    in: ["arguments that are wrong"],
  },
  {
    at: "results[*].result",
    original: ABSENT,
    ours: null,
    why: ALONE,
    in: ["arguments that are wrong"],
  },
  {
    at: "results[*].error",
    original: ABSENT,
    ours: '"event" must be a non-empty string',
    why: "an event without a name is of no use to any destination",
    in: ["arguments that are wrong"],
  },
  {
    at: "results[*].result",
    original: null,
    ours: ABSENT,
    why: "an event without a name is of no use to any destination",
    in: ["arguments that are wrong"],
  },
  {
    at: "told[*]",
    original: { message: "[rudderstack] unknown:  (204)", count: 1 },
    ours: ABSENT,
    why: "2xx is success: the original takes 200 only, and sends again what was taken",
    in: ["204 again and again"],
  },
  {
    at: "attempts",
    original: 3,
    ours: 1,
    why: "2xx is success: the original takes 200 only, and sends again what was taken",
    in: ["204 again and again"],
  },
  {
    at: "told[*].message",
    original: /^\[rudderstack\] unknown: [a-z ]+\n \(4\d\d\)$/,
    ours: /^the server refused the event for good: [a-z ]+$/,
    why: "the server's words, after our own; the status is a member of the error",
    in: [400, 401, 404, 413].map((status) => `${status} again and again`),
  },
  {
    at: "told[*].message",
    original: /^\[rudderstack\] unknown: |^\('Connection aborted/,
    ours: /^gave up after the last of maxAttempts failed(: [A-Za-z ]+)?$/,
    why: "says which option ended it, then the server's words; the status is a member of the error",
    in: [
      "429 again and again",
      "500 again and again",
      "503 with a time",
      "a connection that is cut again and again",
    ],
  },
];
