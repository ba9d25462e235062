// RudderStack's events and bodies. Sources: the event specification, and the official SDKs (Python
// 2.1.9, Node 3.0.13, browser 3.34.1).

import { textOf } from "../core/held.js";

/** The gateway's limit for a request, less than what a batch puts around its events. */
export const EVENT_BYTES_MAX = 4_095_000;

/** The last moment that was written: events of a burst share it. */
let moment, written;
const iso = (now) =>
  now === moment ? written : (written = new Date((moment = now)).toISOString());

/**
 * An event out of all its members but the first two: its text, and how much of it is not the user's. Joined
 * it is in one piece, and each of those who read it takes half the time.
 */
export const identified = (members, id, now) => [
  ['{"messageId":"', id, '","originalTimestamp":"', iso(now), '"', members].join(""),
  0,
];

/** Who made the event; not the caller's to change. */
export const library = { name: "sluicebox", version: "0.1.0" };

/** The caller's context over ours, two levels deep: one member of the page leaves the others. */
export function contextOver(ours, given) {
  const all = { ...ours };
  for (const name in given) {
    const both = [ours[name], given[name]];
    const isObject = (value) => value && typeof value === "object" && !Array.isArray(value);
    all[name] = both.every(isObject) ? { ...both[0], ...both[1] } : both[1];
  }
  return { ...all, library };
}

/** A body below 1,024 characters is not worth compressing; 37 of them are its end. */
const GZIP_FROM = 1024 - 37;

/**
 * [path, header lines, a function that gives the body without its end, from how many characters on it is
 * compressed] of a request. A page that goes away has no time for a preflight, so it takes the beacon
 * endpoint, which wants no header; the core appends the write key.
 */
export function batch(events, leaving, now, ...attempt) {
  const body = () => `{"batch":[${events.map(textOf)}]`;
  return leaving
    ? ["/beacon/v1/batch?writeKey=", "content-type: text/plain\n", body]
    : ["/v1/batch", retried(now, ...attempt), body, GZIP_FROM];
}

/**
 * The end of every body. `sentAt` stands beside the batch only, as in the Python SDK: inside an event it would
 * make the gateway move the event's time by the request's travel time, which reorders events of one user.
 */
export const batchEnd = (now) => `,"sentAt":"${new Date(now).toISOString()}"}`;

/**
 * What the browser SDK says about a retry, spans in milliseconds. Its own reason is always
 * `client-network`, by a bug.
 */
function retried(now, failures, first, last, trouble) {
  if (!failures) return "";
  const reason = ["client-network", "client-timeout"][trouble] ?? `server-${trouble}`;
  return Object.entries({
    "Retry-Attempt": failures,
    "Since-First-Attempt": Math.round(now - first),
    "Since-Last-Attempt": Math.round(now - last),
    "Retry-Reason": reason,
  })
    .map(([name, value]) => `Rsa-${name}: ${value}\n`)
    .join("");
}
