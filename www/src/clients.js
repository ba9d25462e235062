// @ts-check
// One of each client, all on the server that serves this page.
import { Analytics, Collector, StreamClient } from "sluicebox";

const { origin } = location;

/** Several uploads in a row must find room while the server is away. */
const QUEUE = 200_000;

export const analytics = new Analytics({
  writeKey: "demo",
  dataPlaneUrl: origin,
  // A visitor waits to see the event come back.
  flushInterval: 50,
});

export const collector = new Collector("demo", { endpoint: `${origin}/v1`, queueSize: QUEUE });

export const stream = new StreamClient(origin);

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
