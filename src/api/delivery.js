// What every buffered client has: a core with `DeliveryOptions`, and flush.
import { callback, eventStore, flag, number, object, oneOf } from "./check.js";
import { Core } from "./core.js";
import { promise } from "../platform/host.js";

export { CONTROL, WHOLE, WITHOUT_ID } from "./core.js";

/** One `Retry-After` of ten seconds and a slow answer fit in. */
const FLUSH_TIMEOUT = 30_000;

const MIB = 1024 * 1024;

/** The core's delivery with `DeliveryOptions` over a client's own defaults. */
export function delivery(
  protocol,
  endpoint,
  headers,
  options,
  defaults,
  encode,
  identify,
  key,
  end,
) {
  const n = (name, fallback, least = 1) =>
    number(options[name], name, defaults[name] ?? fallback, least);
  const onError = callback(options.onError, "onError");
  const storage = eventStore(options.storage, "storage", ["auto", "none"]);
  // The order is that of `to_policy` in delivery.rs.
  const policy = [
    n("flushInterval", 500, 0),
    n("batchSize", 100),
    // Less what a body has around its events.
    Math.max(1, n("batchBytes", 500_000) - 48),
    n("queueSize", 10_000),
    n("queueBytes", 16 * MIB),
    n("concurrency", 2),
    n("timeout", 5_000),
    n("maxAge", 7 * 24 * 3_600_000),
    n("maxAttempts", 0),
    +(oneOf(options.overflow, "overflow", ["drop-oldest", "drop-newest"]) === "drop-newest"),
    +(oneOf(options.compression, "compression", ["gzip", "none"]) === "gzip"),
    // Chromium finishes what a page that is gone has asked for; Firefox drops it after the preflight.
    +!!globalThis.navigator?.userAgentData,
  ];
  const all = {
    protocol,
    endpoint,
    headers,
    policy,
    encode,
    identify,
    key,
    end,
    storage,
    onError,
    fetch: callback(options.fetch, "fetch"),
    waitUntil: callback(options.waitUntil, "waitUntil"),
  };
  const explains = flag(options, "debug");
  const core = new Core(all);
  if (explains) {
    // Nothing is sent before it can be told; nor before a store of the user's own was read.
    core.load();
    core.ready = import("../platform/explain.js")
      .then(({ explain }) => explain(core, all))
      .catch(console.error)
      .then(() => storage.append || core.adopt([]));
  }
  return core;
}

/** `flush({ timeout })`, and close where nothing may follow. */
export function flush(core, options, close) {
  const timeout = number(object(options, "options").timeout, "timeout", FLUSH_TIMEOUT);
  return promise((done) => core.flush(timeout, close, done));
}
