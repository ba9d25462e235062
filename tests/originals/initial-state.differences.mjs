import { ABSENT } from "./compare.mjs";
import { runtime } from "./differences.mjs";

const event = (key, value) => ({ key, value, epoch: 1700000000.5 });
const BOTH = [event("a", 1), event("b", "two")];

const REFUSED = ["keys and values that the service refuses"];
const CHECKED = "what the service refuses is refused at the call, where the fault is";
const BUCKETS = ["a bucket key that the service refuses"];
const FOLLOWS =
  "an event goes to the bucket it was logged for, as the README of the original has it";
const KEPT = "what was refused is kept, with the server's reason; the original forgets it";

/** ISStreamer 2.0.0 and ours. */
export const differences = [
  ...runtime("PyStreamer v2.0.0"),
  {
    at: "requests[*].headers.accept-encoding",
    original: "identity",
    ours: "gzip, deflate",
    why: "the runtime's own: it unpacks what comes",
  },
  {
    at: "requests[*].headers.accept",
    original: ABSENT,
    ours: "application/json",
    why: "a proxy then explains its errors in JSON, not in a page",
  },
  {
    at: "requests[*].body[*].epoch",
    original: "‹now in seconds›",
    ours: 1e18,
    why: "any number is a time here; the original takes those that its calendar has",
    in: ["times of the caller and of the clock"],
  },
  {
    at: "requests[*].body.*_plain",
    original: ABSENT,
    ours: /"value":"attribute"/,
    why: "members of an instance are its data; the original takes properties of the class only",
    in: ["instances of a class"],
  },
  {
    at: "requests[*].body[*].value",
    original: /^(null|\[1\]|\{"a":1\})$/,
    ours: /^(null|\[1\]|\{"a":1\})$/,
    why: "a value is text, a number or a boolean: what is none of them is carried as its JSON text",
    in: ["members that are no values"],
  },
  { at: "results[*].result", original: null, ours: ABSENT, why: CHECKED, in: REFUSED },
  {
    at: "results[*].error",
    original: ABSENT,
    ours: /^"(key|value)" must /,
    why: CHECKED,
    in: REFUSED,
  },
  {
    at: "requests[*].body.*",
    original: /"epoch":1700000000.5/,
    ours: ABSENT,
    why: CHECKED,
    in: REFUSED,
  },
  {
    at: "requests[*].body.",
    original: event("", 1),
    ours: ABSENT,
    why: CHECKED,
    in: REFUSED,
  },
  { at: "results[*].result", original: null, ours: ABSENT, why: CHECKED, in: BUCKETS },
  {
    at: "results[*].error",
    original: ABSENT,
    ours: /^"bucketKey" must be printable ASCII/,
    why: CHECKED,
    in: BUCKETS,
  },
  { at: "requests[*]", original: /"a:b"/, ours: ABSENT, why: CHECKED, in: BUCKETS },
  {
    at: "buckets.bk.events[0]",
    original: ABSENT,
    ours: event("a", 1),
    why: FOLLOWS,
    in: ["another bucket"],
  },
  {
    at: "buckets.bk2.events[0].value",
    original: 1,
    ours: 2,
    why: FOLLOWS,
    in: ["another bucket"],
  },
  {
    at: "buckets.bk2.events[1]",
    original: event("a", 2),
    ours: ABSENT,
    why: FOLLOWS,
    in: ["another bucket"],
  },
  {
    at: "buckets.bk",
    original: { made: [{ bucketKey: "bk", bucketName: "B N" }], events: [] },
    ours: ABSENT,
    why: "a bucket is made before its first event; one that gets none is not made",
    in: ["another bucket without a key"],
  },
  {
    at: "requests[*].body.bucketName",
    original: "",
    ours: "bk",
    why: "the name that the service would give it, said",
    in: ["a stream without a name"],
  },
  {
    at: "missed[0]",
    original: ABSENT,
    ours: BOTH,
    why: KEPT,
    in: [
      "400 of a removed bucket",
      "401",
      "402",
      "403",
      "429 without a time",
      "a bucket that is refused",
    ],
  },
  {
    at: "missed[*]",
    original: ABSENT,
    ours: /^\[\{"key":"[ab]","value":(1|"two"),"epoch":1700000000.5\}\]$/,
    why: `${KEPT}; one by one, to find the one that is wrong`,
    in: ["400 without JSON"],
  },
  {
    at: "requests[*]",
    original: ABSENT,
    ours: /"path":"\/api\/events"/,
    why: "a batch that is refused is halved: its good events arrive",
    in: ["400 without JSON"],
  },
  {
    at: "results[*].error",
    original: "Either account is capped or an upgrade is required.",
    ours: ABSENT,
    why: "delivery never makes a call throw: onError is told, and the events are kept",
    in: ["402"],
  },
  {
    at: "results[*].result",
    original: ABSENT,
    ours: null,
    why: "delivery never makes a call throw: onError is told, and the events are kept",
    in: ["402"],
  },
  {
    at: "requests[*]",
    original: ABSENT,
    ours: /"path":"\/api\/events"/,
    why: "asked to come later, it comes later, also without a time; the original forgets the events",
    in: ["429 without a time"],
  },
  {
    at: "rows[*]",
    original: "1700000000.5,small,1e-07\r\n",
    ours: "1700000000.5,small,1e-7\r\n",
    why: "the same number, as JavaScript writes it",
    in: ["offline"],
  },
];
