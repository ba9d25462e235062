import { ABSENT } from "./compare.mjs";
import { library, runtime } from "./differences.mjs";

const WRONG = ["arguments that are wrong"];
const NUMBERS = ["ids that are numbers"];
const TIME =
  "what RudderStack's own clients say: `originalTimestamp`, and `timestamp` of the caller";
const TRAITS = "RudderStack has traits of a user in the context";
const PROPERTY = "as RudderStack's browser SDK: destinations look for it among the properties";
const CHECKED = "what the event specification asks for is checked, in every call";
const NUMBER = "RudderStack's clients take numbers for ids";
const ALONE =
  "the client's own anonymous id, one for the process: no event is refused for want of an id";

/** @segment/analytics-node 3.1.0 and ours. */
export const differences = [
  ...runtime("analytics-node-next/latest", "envelope").slice(0, 1),
  ...library("@segment/analytics-node", "3.1.0"),
  {
    at: "envelope.headers.accept",
    original: "*/*",
    ours: "application/json",
    why: "a proxy then explains its errors in JSON, not in a page",
  },
  {
    at: "envelope.headers.content-encoding",
    original: ABSENT,
    ours: "gzip",
    why: "as RudderStack's server SDKs",
  },
  {
    at: "envelope.body.writeKey",
    original: "wk",
    ours: ABSENT,
    why: "said in the Authorization header: a key has no place among the data",
  },
  {
    at: "events[*].timestamp",
    original: "‹now as YYYY-MM-DDThh:mm:ss.SSSZ›",
    ours: ABSENT,
    why: TIME,
  },
  {
    at: "events[*].originalTimestamp",
    original: ABSENT,
    ours: /^‹now as YYYY-MM-DDThh:mm:ss.SSSZ›$|^2016-09-12T09:00:00.250Z$/,
    why: TIME,
  },
  { at: "events[*].channel", original: ABSENT, ours: "server", why: "asked for by RudderStack" },
  {
    at: "events[*].integrations.All",
    original: ABSENT,
    ours: true,
    why: "the default of RudderStack's event specification, said",
  },
  { at: "events[*].traits", original: /^\{("email":.*)?\}$/, ours: ABSENT, why: TRAITS },
  { at: "events[*].context.traits", original: ABSENT, ours: /^\{"email":/, why: TRAITS },
  {
    at: "events[*].messageId",
    original: /^node-next-\d+-‹uuid 4›$/,
    ours: "‹uuid 4›",
    why: "an id, whoever made it",
  },
  {
    at: "events[*]._metadata",
    original: /^\{"nodeVersion":/,
    ours: ABSENT,
    why: "the server does not look at it",
  },
  { at: "events[*].properties.name", original: ABSENT, ours: /^(Start|Home)$/, why: PROPERTY },
  { at: "events[*].properties.category", original: ABSENT, ours: "Main", why: PROPERTY },
  {
    at: "results[*].error",
    original: ".userId/anonymousId/previousId/groupId is not a string",
    ours: ABSENT,
    why: NUMBER,
    in: NUMBERS,
  },
  { at: "results[*].result", original: ABSENT, ours: null, why: NUMBER, in: NUMBERS },
  { at: "envelope", original: ABSENT, ours: /"path":"\/v1\/batch"/, why: NUMBER, in: NUMBERS },
  { at: "events[*]", original: ABSENT, ours: /"userId":"7"/, why: NUMBER, in: NUMBERS },
  {
    at: "results[*].error",
    original: ".userId/anonymousId/previousId/groupId is nil",
    ours: ABSENT,
    why: ALONE,
    in: WRONG,
  },
  { at: "results[*].result", original: ABSENT, ours: null, why: ALONE, in: WRONG },
  {
    at: "results[*].error",
    original: /^\.\w+ is not (a string|an object)$/,
    ours: /^"\w+" must be (a non-empty string|an object)$/,
    why: "one form for all: the argument and what is taken",
    in: WRONG,
  },
  {
    at: "results[*].error",
    original: ABSENT,
    ours: /^"[\w.]+" must be (a non-empty string( or a number)?|an object)$/,
    why: CHECKED,
    in: WRONG,
  },
  { at: "results[*].result", original: null, ours: ABSENT, why: CHECKED, in: WRONG },
];
