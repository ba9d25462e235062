// @ts-check
// The network of this page: a `fetch` for its clients that can be switched off, and that notes what
// goes through it.

/** Requests that were sent and have no answer, with how many events each has. @type {Map<object, number>} */
const open = new Map();
/** Ids of events that a server has acknowledged, and how often each was sent. @type {Map<string, number>} */
const sent = new Map();

let cut = new AbortController();
let isOn = true;

/** Attempts to send events, how many failed, and how many events went out more than once. */
export const requests = { sent: 0, failed: 0, again: 0 };

/** The last attempts, oldest first. @type {{ at: number, fate: string }[]} */
export const attempts = [];
const REMEMBERED = 32;

/** @type {(id: string) => void} */
let onSent = () => {};
/** Told of each event when it first goes out. @param {typeof onSent} listener */
export function watchSent(listener) {
  onSent = listener;
}

export const isSent = (/** @type {string} */ id) => sent.has(id);
export const sentCount = () => sent.size;

/** How many events are on their way at this moment. */
export function inFlight() {
  let events = 0;
  for (const count of open.values()) events += count;
  return events;
}

export const networkIsOn = () => isOn;

/** As when a cable is pulled: open connections break, and the browser's own event says so. @param {boolean} on */
export function switchNetwork(on) {
  if (on === isOn) return;
  isOn = on;
  if (on) cut = new AbortController();
  else cut.abort(new TypeError("the network of this page is switched off"));
  dispatchEvent(new Event(on ? "online" : "offline"));
}

/** The text of a body, which mostly is gzipped. @param {any} body */
async function textOf(body) {
  if (typeof body === "string") return body;
  const stream = new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** Ids of the events in a body of any of the page's clients. */
function idsIn(text) {
  const content = JSON.parse(text);
  const lists = content.batch ? [content.batch] : Object.values(content);
  const events = Array.isArray(content) ? content : lists.flat();
  return events.map((event) => String(event?.messageId ?? event?.$id ?? ""));
}

function note(id) {
  const times = (sent.get(id) ?? 0) + 1;
  sent.set(id, times);
  if (times === 1) onSent(id);
  if (times === 2) requests.again += 1;
}

/** Notes a request with events. What was refused here has not been sent. */
async function follow(body, answer, isRefused) {
  const request = {};
  const attempt = { at: Date.now(), fate: "open" };
  attempts.push(attempt);
  if (attempts.length > REMEMBERED) attempts.shift();
  requests.sent += 1;
  if (!isRefused) {
    const ids = idsIn(await textOf(body));
    open.set(request, ids.length);
    ids.forEach(note);
  }
  const isTaken = await answer.then(
    ({ ok }) => ok,
    () => false,
  );
  attempt.fate = isTaken ? "taken" : "failed";
  if (!isTaken) requests.failed += 1;
  open.delete(request);
}

/** The `fetch` of all clients of this page. @type {typeof globalThis.fetch} */
export function pageFetch(input, init = {}) {
  const signals = [cut.signal, ...(init.signal ? [init.signal] : [])];
  // A page that leaves has no later: nothing may be awaited before the request is made.
  const answer = fetch(input, { ...init, signal: AbortSignal.any(signals) });
  if (/\/v1\/(batch|collect)/.test(String(input))) {
    follow(init.body, answer, !isOn);
  }
  return answer;
}
