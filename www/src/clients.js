// @ts-check
// One of each client, all on the server that serves this page.
import { Analytics, Collector, StreamClient } from "sluicebox";
import { pageFetch } from "./network.js";

const { origin } = location;

/** Several uploads in a row must find room while the server is away. */
const QUEUE = 200_000;

/** What `Analytics` is made with, in this tab and in a second one. */
export const OPTIONS = {
  writeKey: "demo",
  dataPlaneUrl: origin,
  // A visitor waits to see the event come back.
  flushInterval: 50,
};

/** What the clients told last of events that they gave up, or of a storage that fails. */
export const told = { text: "" };

const onError = ({ code, message }, events) => {
  const what = events.length > 0 ? `${events.length} given up` : "No event is lost";
  told.text = `${what} (${code}): ${message}`;
};

export const analytics = new Analytics({ ...OPTIONS, fetch: pageFetch, onError });

export const collector = new Collector("demo", {
  endpoint: `${origin}/v1`,
  queueSize: QUEUE,
  fetch: pageFetch,
  onError,
});

export const stream = new StreamClient(origin, { fetch: pageFetch });

/** Both ledgers in one. */
export function ledger() {
  const one = analytics.ledger();
  const other = collector.ledger();
  return {
    accepted: one.accepted + other.accepted,
    delivered: one.delivered + other.delivered,
    rejected: one.rejected + other.rejected,
    expired: one.expired + other.expired,
    dropped: one.dropped + other.dropped,
    pending: one.pending + other.pending,
  };
}
