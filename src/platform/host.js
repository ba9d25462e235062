// What costs fewer bytes, or is faster, in JavaScript. Nothing here runs at import.
import { byteLength } from "../core/held.js";

export const wallNow = () => Date.now();
export const monotonicNow = () => globalThis.performance?.now() ?? Date.now();

/** Behind the wall clock by more than this, ours is set anew: some systems stop theirs while they sleep. */
const RESYNC_MS = 60_000;
/** What to add to the monotonic clock. Not read at import: edge runtimes refuse a module that does. */
let offset;
/** Milliseconds since 1970 that never run backwards while the page lives. */
export function now() {
  const [monotonic, wall] = [monotonicNow(), wallNow()];
  if (!(wall - monotonic - offset < RESYNC_MS)) offset = wall - monotonic;
  return monotonic + offset;
}

/** A random id (version 4, RFC 9562); pages without TLS have no `randomUUID`. */
export const uuid = () =>
  crypto.randomUUID?.() ??
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16),
  );

/**
 * Bytes that bodies which outlive the page may have, all together. Browsers stop at 64 KiB (Fetch
 * standard, "inflight keepalive bytes"); the rest is left to others.
 */
let room = 61_440;
export const roomLeft = () => room;

/** What every request has, and the lines `name: value\n`. Stride's clients send both types with a GET too. */
export function headers(lines, isPacked) {
  const type = "application/json";
  const all = { accept: type, "content-type": type };
  for (const line of lines.split("\n")) {
    const at = line.indexOf(": ");
    if (at > 0) all[line.slice(0, at)] = line.slice(at + 2);
  }
  if (isPacked) all["content-encoding"] = "gzip";
  return all;
}

/** Basic authentication: the key is the user, the password is empty. */
export const basic = (key) => `authorization: Basic ${btoa(`${key}:`)}\n`;

/** The longest delay a timer takes, in milliseconds. */
export const TIMER_MAX = 0x7fffffff;
export const later = (callback, delay) => setTimeout(callback, delay);
export const cancel = (timer) => clearTimeout(timer);

/** Sends, and calls the last argument once with the answer; gives what `abort` takes. */
export function exchange(...args) {
  const controller = new AbortController();
  send(controller, ...args);
  return controller;
}
export const abort = (controller) => controller.abort();
export const fate = (controller) => controller.fate ?? 0;

/** Milliseconds that what follows a good answer's headers may take. */
const REST_MS = 5_000;

/** Milliseconds: so long a page waits before it sends what cannot outlive it. */
const LARGE_MS = 100;

/** Milliseconds, 0 where it says nothing. */
export const retryAfter = (response, after = response.headers.get("retry-after")) =>
  after ? (after >= 0 ? after * 1000 : Date.parse(after) - Date.now()) : 0;

/**
 * Calls `done` once: with status, Retry-After in milliseconds and body, or with status 0. What is leaving
 * and finds no room is not sent, and has no fate.
 */
export async function send(controller, own, url, lines, body, leaving, done) {
  let answer = [0, 0, ""];
  let kept = 0;
  let late;
  try {
    const packed = body.byteLength;
    const init = {
      method: "POST",
      headers: headers(lines, packed),
      body,
      signal: controller.signal,
      // Followed, it would become a GET without the events, whose answer is none to them.
      redirect: "manual",
    };
    const bytes = packed ?? byteLength(body);
    // Edge runtimes throw on members they do not know, so it is set only where it means something.
    if (globalThis.document && bytes <= room) {
      init.keepalive = true;
      room -= kept = bytes;
    } else if (leaving) return;
    // One that is about to go away hands over what fits instead.
    else if (globalThis.document) await promise((resolve) => later(resolve, LARGE_MS));
    controller.fate = kept ? 1 : 2;
    // Called as a plain function: a browser's fetch refuses any other `this`.
    const response = await (own ?? fetch)(url, init);
    const head = [response.status, retryAfter(response)];
    if (response.ok) {
      // Nobody needs what else it says, nor waits for that.
      done(...head, "");
      done = undefined;
      late = later(() => controller.abort(), REST_MS);
    }
    // Always read: edge runtimes count unread bodies as open.
    const text = await response.text();
    answer = [...head, text.trim()];
  } catch {}
  cancel(late);
  room += kept;
  done?.(...answer);
}

/** A user's callback must not break us, nor we the page. */
export function callQuietly(callback, ...values) {
  try {
    return callback(...values);
  } catch (error) {
    console.error(error);
  }
}

/** A promise of what `begin` hands to the function it gets. */
export const promise = (begin) => new Promise(begin);

/** One promise for a burst, which begins a moment later. */
export const waitFor = (waitUntil, begin) =>
  callQuietly(
    waitUntil,
    Promise.resolve().then(() => promise(begin)),
  );
