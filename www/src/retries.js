// @ts-check
// When the clients of this page try again. They tell other tabs, so that those spare a server in trouble,
// and so this page can listen, too: for show, as in stored.js. The form is no public interface
// (src/platform/tabs.js), and there is none: `ledger()` counts, and `debug: true` is for people.
import { owners } from "./stored.js";

/** @type {Map<string, number>} until when each of them waits, in milliseconds since 1970 */
const until = new Map();
const channels = new Map();
let from = 0;

function listen(owner) {
  if (channels.has(owner)) return;
  const channel = new BroadcastChannel(`sluicebox.${owner}.`);
  // Names of logs are told there, too. 0 says that the trouble is over.
  channel.onmessage = ({ data }) => {
    if (typeof data !== "number") return;
    until.set(owner, data);
    from = Date.now();
  };
  channels.set(owner, channel);
}

// What a client guessed about an outage is void then.
addEventListener("online", () => until.clear());

export function watchRetries() {
  owners().forEach(listen);
}

/** @returns {{ ms: number, part: number } | undefined} milliseconds to the next attempt, and which part of the wait is left */
export function nextRetry() {
  const now = Date.now();
  const soonest = Math.min(...[...until.values()].filter((moment) => moment > now));
  if (!Number.isFinite(soonest)) return undefined;
  const ms = soonest - now;
  return { ms, part: Math.min(1, ms / Math.max(1, soonest - from)) };
}
