// One of each client, all on the server that serves this page.
import { Analytics, Collector, StreamClient } from "sluicebox";

const { origin } = location;

/** The file has 29,296 events; they must all find room. */
const QUEUE = 100_000;

export const analytics = new Analytics({
  writeKey: "demo",
  dataPlaneUrl: origin,
  flushInterval: 100,
});
export const collector = new Collector("demo", { endpoint: `${origin}/v1`, queueSize: QUEUE });
export const stream = new StreamClient(origin);

/** Both ledgers in one. */
export function ledger() {
  const sum = analytics.ledger();
  const other = collector.ledger();
  for (const name of Object.keys(sum)) sum[name] += other[name];
  return sum;
}

let calls = 0;
const visit = Date.now().toString(36);
const sent = new Map();

/** Options that let the live feed tell how long our own event was on its way. */
export function timed() {
  const messageId = `demo-${visit}-${++calls}`;
  sent.set(messageId, performance.now());
  return { messageId };
}

/** Milliseconds since the call, for an event of this page. */
export function roundTrip({ messageId }) {
  const since = sent.get(messageId);
  sent.delete(messageId);
  return since === undefined ? undefined : Math.round(performance.now() - since);
}
