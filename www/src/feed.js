// @ts-check
// The live feed: events as they come back from the server.
import { stream } from "./clients.js";
import { byId, duration, grouped, make, say } from "./dom.js";
import { detailOf, nameOf, typeOf } from "./events.js";
import { cameBack } from "./kept.js";
import { arrive } from "./trips.js";

const ROWS = 50;
/** A batch of more than this is a flood: its rows do not light up one by one. */
const FLOOD = 6;
const RETRY_MS = 3_000;
/** The first page view is seen coming back only if the feed is open by then, which may take its time. */
const FIRST_WAIT_MS = 5_000;
/** Events that are looked up when the feed begins, because it tells only of later ones. */
const LOOKED_UP = 1_000;
/** A screen reader is told of our own events, but not of each in a row of quick clicks. */
const SAY_MS = 1_200;

const list = byId("feed");
let seen = 0;
/** @type {{ event: Record<string, any>, ms: number | undefined, at: number }[]} */
let fresh = [];
let drawing = false;
let held = false;
let sayLater = 0;

/** How many events have come back so far. */
export const seenSoFar = () => seen;

const age = (ms) => {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
};

function row({ event, ms, at }) {
  const type = typeOf(event);
  const name = event.repo ?? nameOf(event);
  const pill = make("span", { class: "pill", "data-kind": type }, type);
  const what = make("span", { class: "what" }, make("b", {}, String(name)));
  if (ms === undefined) what.append(" ", make("small", {}, detailOf(event)));
  const item = make(
    "li",
    { "data-testid": "feed-row", "data-event": nameOf(event), "data-at": String(at) },
    pill,
    what,
    make("span", { class: "trip" }, ms === undefined ? "" : duration(ms)),
    make("span", { class: "age" }, "now"),
  );
  return item;
}

/** A burst is drawn once a frame, and only what stays visible. */
function draw() {
  drawing = false;
  if (held) return;
  const newest = fresh.slice(-ROWS).reverse();
  fresh = [];
  const rows = newest.map(row);
  if (rows.length <= FLOOD) for (const item of rows) item.classList.add("lit");
  list.prepend(...rows);
  while (list.childElementCount > ROWS) list.lastElementChild.remove();
  byId("feed-empty").hidden = true;
  sayCount();
}

function sayCount() {
  const waits = held && fresh.length > 0 ? ", held" : "";
  say(byId("feed-count"), `${grouped(seen)} ${seen === 1 ? "event" : "events"} so far${waits}.`);
}

function tellOfOwn(event, ms) {
  clearTimeout(sayLater);
  sayLater = window.setTimeout(
    () => say(byId("feed-said"), `${nameOf(event)} came back in ${duration(ms)}`),
    SAY_MS,
  );
}

function take(event) {
  seen += 1;
  cameBack(event);
  const ms = arrive(event.messageId);
  if (ms !== undefined) tellOfOwn(event, ms);
  fresh.push({ event, ms, at: Math.round(performance.now()) });
  if (fresh.length > 4 * ROWS) fresh = fresh.slice(-ROWS);
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(draw);
}

function growOlder() {
  if (document.hidden) return;
  const now = performance.now();
  for (const item of list.children) say(item.lastElementChild, age(now - item.dataset.at));
  if (held) sayCount();
}

let wasOpen = false;

/** Each attempt is seen by the lamp, and heard once: that the feed is interrupted, or open again. */
function sayState(state) {
  wasOpen ||= state === "open";
  byId("lamp").dataset.state = state;
  say(byId("state"), state === "open" || !wasOpen ? state : "interrupted");
}

/** Where to go on. @type {string | null} */
let after = null;
let attempt = new AbortController();
let wake = () => {};

/** The server can be reached again: whoever waits for it need not wait longer. */
export function hurry() {
  if (byId("lamp").dataset.state === "open") return;
  attempt.abort();
  wake();
}

async function lookUp() {
  const events = await stream.items({ end: LOOKED_UP });
  for (const event of events) cameBack(/** @type {any} */ (event), true);
}

/** @param {() => void} opened */
async function followOnce(opened) {
  attempt = new AbortController();
  const { signal } = attempt;
  const goOn = after === null ? {} : { after };
  const subscription = await stream.subscribe({ ...goOn, signal });
  // What is sent before this is answered may be looked up and told as well, as if the server had it twice.
  const known = after === null ? lookUp().catch(() => {}) : Promise.resolve();
  const watching = setInterval(() => sayState(subscription.state), 250);
  sayState(subscription.state);
  known.then(opened);
  try {
    for await (const event of subscription) {
      after = subscription.lastEventId;
      take(event);
    }
  } finally {
    clearInterval(watching);
  }
}

/** Follows the stream; asks again while there is no server to ask. @param {() => void} opened */
async function follow(opened) {
  for (;;) {
    sayState("connecting");
    try {
      await followOnce(opened);
    } catch (error) {
      // A server that began anew does not know the place.
      if (/** @type {any} */ (error).code === "rejected") after = null;
      opened();
    }
    sayState("closed");
    await new Promise((resolve) => {
      wake = () => resolve(undefined);
      setTimeout(wake, attempt.signal.aborted ? 0 : RETRY_MS);
    });
  }
}

/** Resolves when the feed is open, or will not be soon. */
export function startFeed() {
  byId("hold").addEventListener("click", () => {
    held = !held;
    say(byId("hold"), held ? "Go on" : "Hold");
    if (!held && fresh.length > 0) draw();
    sayCount();
  });
  setInterval(growOlder, 1000);
  return new Promise((resolve) => {
    setTimeout(resolve, FIRST_WAIT_MS);
    follow(() => resolve(undefined));
  });
}
