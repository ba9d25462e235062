// @ts-check
// Calls of the client, and how long their events are on their way: from the call to the live feed.
import { analytics } from "./clients.js";

/** Events that never come back must not be remembered for ever. */
const REMEMBERED = 1_000;

const visit = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
/** When each was called. @type {Map<string, number>} */
const trips = new Map();
let count = 0;

/** Events that this page made itself; whatever else its ledger has was adopted. */
export const made = { events: 0 };

/**
 * Makes an event that is known when it comes back.
 * @param {"track" | "page" | "screen"} method @param {string} name @param {object} [properties]
 */
export function call(method, name, properties = {}) {
  const messageId = `demo-${visit}-${++count}`;
  analytics[method](name, properties, { messageId });
  made.events += 1;
  trips.set(messageId, performance.now());
  if (trips.size > REMEMBERED) trips.delete(trips.keys().next().value ?? "");
}

/** Milliseconds since the call; undefined for an event that is not ours, or came before. */
export function arrive(/** @type {string | undefined} */ messageId) {
  const since = messageId === undefined ? undefined : trips.get(messageId);
  if (since === undefined || messageId === undefined) return undefined;
  trips.delete(messageId);
  return performance.now() - since;
}
