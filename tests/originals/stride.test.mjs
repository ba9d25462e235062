// pystride 0.1.6 and ours.

import { Collector, setId, setTimestamp, Stride } from "sluicebox";
import { differential, outcome, runPython, untimed } from "./differential.mjs";
import { TIMEOUT } from "./rudderstack.mjs";
import { scenarios } from "./stride.scenarios.mjs";
import { differences } from "./stride.differences.mjs";

const original = ({ calls, options }, url) => runPython("stride", { url, calls, options });

async function ours({ calls, options }, url) {
  const endpoint = `${url}/v1`;
  const seconds = options?.timeout;
  const client = new Stride("key", { endpoint, timeout: seconds && seconds * 1000 });
  const results = [];
  let collector;
  const made = {
    collector({ batch_size: batchSize, concurrency, flush_interval: seconds = 0.25 }) {
      const flushInterval = seconds * 1000;
      const settings = { endpoint, batchSize, concurrency, flushInterval, timeout: TIMEOUT };
      collector = new Collector("key", settings);
    },
    start: () => collector.start(),
    collect: (...args) => collector.collect(...args),
    // Ours resolves to the ledger; the original has none.
    stop: () => collector.stop({ timeout: 60_000 }).then(() => null),
    subscribe: (...args) => subscribe(client, ...args),
    set_id: (id) => helped((event) => setId(event, id)),
    set_timestamp: (time) =>
      helped((event) => setTimestamp(event, time ? new Date(`${time}Z`) : undefined)),
  };
  for (const [name, ...args] of calls) {
    const given = await outcome(() => (made[name] ?? client[name].bind(client))(...args));
    if (name !== "collector") results.push(given);
  }
  return { results };
}

async function subscribe(client, path, count, sample) {
  const { statusCode, data } = await client.subscribe(path, { sample });
  if (statusCode !== 200) return { statusCode, data };
  const events = [];
  for await (const event of data) if (events.push(event) === count) break;
  return { statusCode, data: events };
}

function helped(change) {
  const event = { a: 1 };
  change(event);
  return event;
}

/** Of a collector the events of each stream count, in whatever requests they came. */
function view(run, { collects }) {
  const { results, requests } = untimed(run);
  if (!collects) return { results, requests };
  const streams = {};
  for (const { path, body } of requests) {
    const stream = path.split("/")[3];
    for (const [name, events] of Object.entries(stream ? { [stream]: body } : body)) {
      (streams[name] ??= []).push(...events);
    }
  }
  const shapes = requests.map(({ body, ...request }) => request);
  return { results, streams, requests: shapes };
}

differential({ title: "Stride", scenarios, original, ours, view, differences });
