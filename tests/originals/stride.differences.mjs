import { ABSENT } from "./compare.mjs";
import { runtime } from "./differences.mjs";

const COLLECTED = [
  "two streams in batches of ten",
  "lists of events in one call",
  "a server that is away for one request",
  "a server that refuses the key",
];
const FALSY = /^(\{\}|\[\]|null|false|0|)$/;
const NO_BODY = "a GET or DELETE with a body is refused by many servers and by fetch itself";
const OTHERS = "gostride and stride.js take it: ours takes what any official client takes";
const LINE_BREAK = "`$` of Python's regular expressions matches before a last line break: a hole";
const TIME_FORM =
  "one form with a zone, RFC 3339 in UTC, which every reader takes as the same time";

/** pystride 0.1.6 and ours. */
export const differences = [
  ...runtime("pystride (version: 0.1.6)"),
  {
    at: "requests[*].headers.content-encoding",
    original: "gzip",
    ours: ABSENT,
    why: NO_BODY,
    in: ["reads of every kind of path", "processes and queries are created, replaced and deleted"],
  },
  {
    at: "requests[*].body",
    original: null,
    ours: ABSENT,
    why: NO_BODY,
    in: ["reads of every kind of path", "processes and queries are created, replaced and deleted"],
  },
  {
    at: "requests[*].body",
    original: ABSENT,
    ours: FALSY,
    why: "what the caller said is sent; the original drops every falsy body but those of /collect",
    in: ["bodies that are falsy"],
  },
  {
    at: "results[*].error",
    original: /^path "" is not valid/,
    ours: '"path" must be a non-empty string',
    why: "an argument left out is named as one",
    in: ["paths that no method takes"],
  },
  {
    at: "results[*].error",
    original: /^path .* is not valid for method "get"$/,
    ours: ABSENT,
    why: OTHERS,
    in: ["paths that only other official clients take"],
  },
  {
    at: "results[*].result",
    original: ABSENT,
    ours: { statusCode: 200, data: null },
    why: OTHERS,
    in: ["paths that only other official clients take"],
  },
  {
    at: "requests[*]",
    original: ABSENT,
    ours: /"method":"GET"/,
    why: OTHERS,
    in: ["paths that only other official clients take"],
  },
  {
    at: "results[*].result",
    original: { statusCode: 200, data: null },
    ours: ABSENT,
    why: LINE_BREAK,
    in: ["a path that ends with a line break"],
  },
  {
    at: "results[*].error",
    original: ABSENT,
    ours: /^path .* is not valid for method "get"$/s,
    why: LINE_BREAK,
    in: ["a path that ends with a line break"],
  },
  {
    at: "requests[*]",
    original: /clicks%0A/,
    ours: ABSENT,
    why: LINE_BREAK,
    in: ["a path that ends with a line break"],
  },
  {
    at: "results[*].result.data",
    original: { error: "response contained malformed json" },
    ours: null,
    why: "nothing but blanks is nothing: a keep-alive of a proxy is no malformed answer",
    in: ["answers without a body, or with one that is no JSON"],
  },
  {
    at: "results[*].error",
    original: "ReadTimeout",
    ours: "no answer from ‹server›/v1 within 3000 ms",
    why: "one error class, in words; the original lets its HTTP library's through",
    in: ["no answer in time"],
  },
  {
    at: "results[*].error",
    original: "ConnectionError",
    ours: "could not reach ‹server›/v1",
    why: "one error class, in words; the original lets its HTTP library's through",
    in: ["a connection that is cut"],
  },
  {
    at: "results[*].error",
    original: "id must not be null",
    ours: '"id" must not be null: a non-empty string or a finite number',
    why: "names the argument and what is taken",
    in: ["ids and timestamps"],
  },
  {
    at: "results[*].result.$timestamp",
    original: /^2016-09-12 09:00:00(\.250000)?$/,
    ours: /^2016-09-12T09:00:00\.(000|250)Z$/,
    why: TIME_FORM,
    in: ["ids and timestamps"],
  },
  {
    at: "results[*].result.$timestamp",
    original: "‹now as YYYY-MM-DD hh:mm:ss.SSSSSS›",
    ours: "‹now as YYYY-MM-DDThh:mm:ss.SSSZ›",
    why: TIME_FORM,
    in: ["ids and timestamps"],
  },
  {
    at: "results[*].error",
    original: "collector is not running",
    ours: "the collector is not running: call start() first",
    why: "says what to do",
    in: ["a collector that does not run"],
  },
  {
    at: "results[*].error",
    original: "collector is already running",
    ours: ABSENT,
    why: "starting twice does no harm",
    in: ["a collector that does not run"],
  },
  {
    at: "results[*].result",
    original: ABSENT,
    ours: null,
    why: "starting twice does no harm",
    in: ["a collector that does not run"],
  },
  {
    at: "streams.*[*].$id",
    original: ABSENT,
    ours: "‹uuid 4›",
    why: "an id makes one event of what is sent twice",
    in: COLLECTED,
  },
  {
    at: "requests[*].path",
    original: /^\/v1\/collect\/s[01]$/,
    ours: "/v1/collect",
    why: "one request for all streams of a batch, as gostride",
    in: ["two streams in batches of ten"],
  },
  {
    at: "requests[*]",
    original: /"method":"POST"/,
    ours: ABSENT,
    why: "one request for all streams of a batch, as gostride",
    in: ["two streams in batches of ten"],
  },
  {
    at: "streams.s0[1]",
    original: ABSENT,
    ours: { $id: "‹uuid 4›", n: 0 },
    why: "sent again until it is taken; the original drops what was not answered with 200",
    in: ["a server that is away for one request"],
  },
  {
    at: "requests[*]",
    original: ABSENT,
    ours: /"method":"POST"/,
    why: "sent again until it is taken; the original drops what was not answered with 200",
    in: ["a server that is away for one request"],
  },
];
