// @ts-check
// How long our own events are on their way: from the call to the live feed.

/** Events that never come back must not be remembered for ever. */
const REMEMBERED = 1_000;

const visit = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
/** @type {Map<string, { since: number, nugget: { arrive(ms: number): void } | undefined }>} */
const trips = new Map();
let count = 0;

/** @type {() => { arrive(ms: number): void } | undefined} */
let drop = () => undefined;

/** What shows an event on its way. @param {typeof drop} show */
export function onDeparture(show) {
  drop = show;
}

/** Options for a call: an id by which the event is known when it comes back. */
export function depart() {
  const messageId = `demo-${visit}-${++count}`;
  trips.set(messageId, { since: performance.now(), nugget: drop() });
  if (trips.size > REMEMBERED) trips.delete(trips.keys().next().value ?? "");
  return { messageId };
}

/** Milliseconds since the call; undefined for an event that is not ours, or came before. */
export function arrive(/** @type {string | undefined} */ messageId) {
  const trip = messageId === undefined ? undefined : trips.get(messageId);
  if (!trip || messageId === undefined) return undefined;
  trips.delete(messageId);
  const ms = performance.now() - trip.since;
  trip.nugget?.arrive(ms);
  return ms;
}
