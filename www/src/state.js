// @ts-check
// Where the events of this page are at this moment, put together from the ledger, the requests on their
// way and what is stored. Every picture shows this, so that no two of them disagree.
import { ledger } from "./clients.js";
import { grouped } from "./dom.js";
import { inFlight, networkIsOn } from "./network.js";
import { nextRetry, watchRetries } from "./retries.js";
import { look, storedHere } from "./stored.js";
import { made } from "./trips.js";

/** Milliseconds between two looks into the storage, while events wait and otherwise. */
const BUSY_MS = 120;
const CALM_MS = 600;
/** After this long without a change the ledger is looked at less often. */
const BUSY_FOR_MS = 1_500;
const CALM_TELL_MS = 80;
/** A look that takes long is followed by a pause that is longer by this: it must not slow the package down. */
const PAUSE = 12;

export function snapshot() {
  const counts = ledger();
  const { accepted, delivered, rejected, expired, dropped, pending } = counts;
  const flying = Math.min(inFlight(), pending);
  // What is in flight is stored as well, and stands in one place only.
  const stored = Math.max(0, Math.min(storedHere(), pending) - flying);
  const lost = rejected + expired + dropped;
  return {
    ...counts,
    memory: pending - flying - stored,
    stored,
    flying,
    lost,
    adopted: Math.max(0, accepted - made.events),
    balances: accepted === delivered + lost + pending,
    blocked: !networkIsOn() || nextRetry() !== undefined,
  };
}

/** @typedef {ReturnType<typeof snapshot>} Snapshot */

/** The picture in words. @param {Snapshot} now */
export const inWords = (now) =>
  `${grouped(now.accepted)} accepted: ${grouped(now.delivered)} delivered, ` +
  `${grouped(now.pending)} pending (${grouped(now.memory)} in memory alone, ` +
  `${grouped(now.stored)} stored, ${grouped(now.flying)} in flight), ` +
  `${grouped(now.lost)} given up.`;

/** @type {((now: Snapshot) => void)[]} */
const viewers = [];

/** Draws whenever something changed. @param {(now: Snapshot) => void} draw */
export function onChange(draw) {
  viewers.push(draw);
}

let shown = "";
let changedAt = 0;

function tell() {
  const now = snapshot();
  const key = Object.values(now).join();
  if (key === shown) return;
  shown = key;
  changedAt = performance.now();
  for (const draw of viewers) draw(now);
}

/** Every frame while something changes or waits, else now and then. */
function watch() {
  tell();
  const isBusy = !document.hidden && performance.now() - changedAt < BUSY_FOR_MS;
  if (isBusy) requestAnimationFrame(watch);
  else setTimeout(watch, CALM_TELL_MS);
}

async function watchStorage() {
  const since = performance.now();
  try {
    if (!document.hidden) await look();
    watchRetries();
  } catch {
    // Between two looks the package may close its database; the next look opens it again.
  }
  const took = performance.now() - since;
  setTimeout(watchStorage, Math.max(took * PAUSE, snapshot().pending > 0 ? BUSY_MS : CALM_MS));
}

export function startState() {
  watchStorage();
  watch();
}
