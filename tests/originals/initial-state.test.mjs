// ISStreamer 2.0.0 and our Streamer.

import { Streamer } from "sluicebox";
import { differential, outcome, runPython, untimed } from "./differential.mjs";
import { TIMEOUT } from "./rudderstack.mjs";
import { scenarios } from "./initial-state.scenarios.mjs";
import { differences } from "./initial-state.differences.mjs";

async function original({ calls, options = {} }, url) {
  const { results, files } = await runPython("initial_state", { url, calls, options });
  const lines = (files["err_missed_events.txt"] ?? "").split("\n").filter(Boolean);
  return { results, missed: lines.map((line) => JSON.parse(line)), csv: files["out.csv"] };
}

class Reading {
  plain = "attribute";
  get celsius() {
    return 21.5;
  }
  get room() {
    return "attic";
  }
}

async function ours({ calls, options = {} }, url) {
  const { bucket_name: bucketName = "B N", bucket_key: bucketKey = "bk", offline } = options;
  let streamer;
  // Theirs has no interval; flush() and close() send.
  const settings = {
    accessKey: "ak",
    endpoint: url,
    offline,
    flushInterval: 60_000,
    timeout: TIMEOUT,
  };
  const results = [
    await outcome(() => {
      const bucket = { bucketName: bucketName || undefined, bucketKey };
      streamer = new Streamer({ ...settings, ...bucket, bufferSize: options.buffer_size });
    }),
  ];
  const prefixed = (given = {}) => ({ keyPrefix: given.key_prefix, epoch: given.epoch });
  const made = {
    log: (...args) => streamer.log(...args),
    log_object: (object, given) => streamer.logObject(object, prefixed(given)),
    log_reading: (given) => streamer.logObject(new Reading(), prefixed(given)),
    set_bucket: (name, key) => streamer.setBucket({ bucketName: name, bucketKey: key }),
    // Ours resolve to the ledger; the original has none.
    flush: () => streamer.flush().then(() => null),
    close: () => streamer.close().then(() => null),
  };
  for (const [name, ...args] of calls) results.push(await outcome(() => made[name](...args)));
  if (!streamer) return { results, missed: [] };
  const csv = offline ? await streamer.exportCsv() : undefined;
  return { results, missed: await streamer.missedEvents(), csv };
}

function view(run, { byKey, byBucket }) {
  const { results, requests, missed } = untimed(run);
  // A row begins with its time; there are line breaks within rows.
  const rows = run.csv?.split(/(?<=\r\n)(?=\d)/);
  if (byBucket) return { results, buckets: buckets(requests), missed };
  return { results, requests: byKey ? requests.map(named) : requests, missed, rows };
}

/** Events by their key, where one more would move all others. */
function named(request) {
  if (!Array.isArray(request.body)) return request;
  return { ...request, body: Object.fromEntries(request.body.map((event) => [event.key, event])) };
}

/** What each bucket got, in whatever requests it came. */
function buckets(requests) {
  const all = {};
  for (const { headers, body } of requests) {
    const bucket = (all[headers["x-is-bucketkey"]] ??= { made: [], events: [] });
    if (Array.isArray(body)) bucket.events.push(...body);
    else bucket.made.push(body);
  }
  return all;
}

differential({ title: "Initial State", scenarios, original, ours, view, differences });
