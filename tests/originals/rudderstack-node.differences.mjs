import { ABSENT } from "./compare.mjs";
import { library, runtime } from "./differences.mjs";

const WRONG = ["arguments that are wrong"];
const SIZES = ["batches of the default size"];
const CHECKED = "what the event specification calls an object is checked to be one";
const ALONE =
  "the client's own anonymous id, one for the process: no event is refused for want of an id";
const EMPTY = "as the Python and browser SDKs: an object, also when it is empty";
const PROPERTY = "as the browser SDK: destinations look for it among the properties";

/** rudder-sdk-node 3.0.13 and ours. */
export const differences = [
  ...runtime("analytics-node/3.0.13", "envelope"),
  ...library("analytics-node", "3.0.13"),
  {
    at: "envelope.headers.accept",
    original: "application/json, text/plain, */*",
    ours: "application/json",
    why: "its HTTP library's own",
  },
  {
    at: "envelope.headers.accept-encoding",
    original: "gzip, compress, deflate, br",
    ours: "gzip, deflate",
    why: "the runtime's own: it unpacks what comes",
  },
  {
    at: "envelope.headers.content-type",
    original: "application/x-www-form-urlencoded",
    ours: "application/json",
    why: "it is JSON; the original's is what its HTTP library says of bytes",
  },
  {
    at: "envelope.headers.content-encoding",
    original: "gzip",
    ours: ABSENT,
    why: "a short body would not get shorter",
    in: ["the caller's message id", "values of each type"],
  },
  {
    at: "envelope.body.timestamp",
    original: "‹now as YYYY-MM-DDThh:mm:ss.SSSZ›",
    ours: ABSENT,
    why: "the server does not look at it",
  },
  {
    at: "events[*].sentAt",
    original: "‹now as YYYY-MM-DDThh:mm:ss.SSSZ›",
    ours: ABSENT,
    why: "said once, around the batch: it is the same for all its events",
  },
  {
    at: "events[*]._metadata",
    original: /^\{"nodeVersion":"[\d.]+"\}$/,
    ours: ABSENT,
    why: "the server does not look at it",
  },
  {
    at: "events[*].integrations",
    original: ABSENT,
    ours: { All: true },
    why: "the default of the event specification, said, as the Python and browser SDKs do",
  },
  {
    at: "events[*].traits",
    original: /^\{"email":/,
    ours: ABSENT,
    why: "traits of a user are in the context only, as the Python and browser SDKs have it",
  },
  {
    at: "events[*].originalTimestamp",
    original: "‹now as YYYY-MM-DDThh:mm:ss.SSSZ›",
    ours: "2016-09-12T09:00:00.250Z",
    why: "when it happened, as the caller says; the server takes `timestamp`, which both have",
    in: ["context, integrations and timestamp"],
  },
  { at: "events[*].properties", original: ABSENT, ours: {}, why: EMPTY },
  { at: "events[*].traits", original: ABSENT, ours: {}, why: EMPTY },
  { at: "events[*].properties.name", original: ABSENT, ours: /^(Start|Home)$/, why: PROPERTY },
  { at: "events[*].properties.category", original: ABSENT, ours: /^(Docs|Main)$/, why: PROPERTY },
  {
    at: "events[*].properties",
    original: ABSENT,
    ours: /^\{"name":"(Start|Home)"\}$/,
    why: PROPERTY,
    in: ["calls with nothing but what they must have"],
  },
  {
    at: "events[*].previousId",
    original: 8,
    ours: "8",
    why: "ids are texts on the wire, this one too",
    in: ["ids that are numbers"],
  },
  {
    at: "results[*].error",
    original: /^You must pass (either an "anonymousId" or a "userId"|a "previousId")\.$/,
    ours: ABSENT,
    why: ALONE,
    in: WRONG,
  },
  { at: "results[*].result", original: ABSENT, ours: null, why: ALONE, in: WRONG },
  {
    at: "results[*].error",
    original: /^You must pass an? "\w+"\.$|^"\w+" must be an object\.$/,
    ours: /^"[\w.]+" must be (a non-empty string( or a number)?|an object)$/,
    why: "one form for all: the argument and what is taken",
    in: WRONG,
  },
  {
    at: "results[*].error",
    original: ABSENT,
    ours: /^"(properties|traits)" must be an object$/,
    why: CHECKED,
    in: WRONG,
  },
  { at: "results[*].result", original: null, ours: ABSENT, why: CHECKED, in: WRONG },
  {
    at: "sizes[*]",
    original: /^(1|9|20)$/,
    ours: /^(100|50)$/,
    why: "batches as the Python SDK's; the original sends the first event alone, then 20 at a time",
    in: SIZES,
  },
  {
    at: "sizes[*]",
    original: /^(9|20)$/,
    ours: ABSENT,
    why: "batches as the Python SDK's; the original sends the first event alone, then 20 at a time",
    in: SIZES,
  },
  {
    at: "told[*].message",
    original: /^Request failed with status code 4\d\d$/,
    ours: /^the server refused the event for good: [a-z ]+$/,
    why: "the server's words; the status is a member of the error",
    in: [400, 401, 404, 413].map((status) => `${status} again and again`),
  },
  {
    at: "told[*].message",
    original: /^Request failed with status code (429|500|503)$|^socket hang up$/,
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
