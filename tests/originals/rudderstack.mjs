// Our Analytics as the clients of servers are called, and what of a run is compared.

import { Analytics } from "sluicebox";
import { outcome, untimed } from "./differential.mjs";

/** Attempts that both sides make; the original's default takes minutes. */
export const ATTEMPTS = 3;

/** Milliseconds; an answer that a busy machine gives later than the default would be one attempt more. */
export const TIMEOUT = 60_000;

export async function ours({ calls }, url) {
  const told = [];
  const client = new Analytics({
    writeKey: "wk",
    dataPlaneUrl: url,
    maxAttempts: ATTEMPTS,
    timeout: TIMEOUT,
    // On a slow machine the calls may take longer than the default; close() sends.
    flushInterval: 60_000,
    onError: ({ message }, events) => told.push({ message, count: events.length }),
  });
  const results = [];
  for (const [name, members] of calls) {
    results.push(await outcome(() => client[name](...argumentsOf(name, dated(members)))));
  }
  await client.close();
  return { results, told };
}

/** One object of named members as our positional arguments. */
function argumentsOf(name, members) {
  const {
    event,
    category,
    name: called,
    properties,
    traits,
    groupId,
    previousId,
    ...more
  } = members;
  const { userId, ...options } = more;
  const named = [category, called].filter((one) => one !== undefined);
  return {
    identify: userId === undefined ? [traits, options] : [userId, traits, options],
    track: [event, properties, more],
    // Left out, but not at the end.
    page: [...(named.length ? named : [undefined]), properties, more],
    screen: [...named, properties, more],
    group: [groupId, traits, more],
    alias: [userId, previousId, options],
  }[name];
}

/** { $date: text } is a date. */
export function dated(value) {
  if (Array.isArray(value)) return value.map(dated);
  if (value === null || typeof value !== "object") return value;
  if (value.$date) return new Date(value.$date);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, dated(inner)]));
}

/** Events count in whatever requests they come; of requests what stands around the events. */
export function view(run, { attempts, sizes, onlyResults }) {
  const { results, told, requests } = untimed(run);
  if (onlyResults) return { results };
  const batches = requests.map(({ body }) => body.batch);
  if (sizes) return { sizes: batches.map(({ length }) => length), ids: batches.flat().map(id) };
  const { batch, ...around } = requests[0]?.body ?? {};
  const envelope = requests[0] && { ...requests[0], body: around };
  // Every attempt has the same events.
  if (attempts) return { told, attempts: batches.length, events: batches[0] };
  return { results, told, envelope, events: batches.flat() };
}

const id = ({ messageId }) => messageId;
