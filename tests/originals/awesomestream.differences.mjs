import { ABSENT } from "./compare.mjs";
import { runtime } from "./differences.mjs";

const NO_ANSWER = "one error class, in words; the original lets its HTTP library's through";
const STATUS = "a status that is an error is one: a proxy's answer is not taken for the server's";

/** The client of AwesomeStream 0.1 and ours. */
export const differences = [
  ...runtime(),
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
    at: "requests[*].body.id",
    original: "‹uuid 1›",
    ours: /^\d+$/,
    why: "an answer belongs to its connection: a count is enough, and no address of the machine",
  },
  {
    at: "results[*].error",
    original: /^Traceback|^\{'code': 1\}$|^$/,
    ours: /^the server refused the request: (Traceback|\{"code":1\}$|status 200$)/,
    why: "the server's words, after our own",
    in: ["the server has an error", "an error that is empty, or no text"],
  },
  {
    at: "results[*].error",
    original: "JSONDecodeError",
    ours: /^the server refused the request: (<title>|status 200$)/,
    why: "says what the server said, not that it was no JSON",
    in: ["answers that are no JSON"],
  },
  {
    at: "results[*].result",
    original: [{ kind: "friend", user: 291, friend: 23 }],
    ours: ABSENT,
    why: STATUS,
    in: ["an envelope with another status"],
  },
  {
    at: "results[*].error",
    original: ABSENT,
    ours: /^the server refused the request: /,
    why: STATUS,
    in: ["an envelope with another status"],
  },
  {
    at: "results[*].error",
    original: "RemoteDisconnected",
    ours: "could not reach ‹server›",
    why: NO_ANSWER,
    in: ["a connection that is cut"],
  },
];
