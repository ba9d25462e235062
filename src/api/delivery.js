// What every buffered client has: delivery by the core, flush and ledger.
import { Delivery } from "../../pkg/dist/wasm/client/sluicebox.js";
import { callback, number, object, oneOf } from "./check.js";
import { SluiceboxError } from "../core/error.js";
import { promise } from "../platform/host.js";

/** One `Retry-After` of ten seconds and a slow answer fit in. */
const FLUSH_TIMEOUT = 30_000;

/** Forms of an event's text; see `offer` in delivery.rs. */
export const WHOLE = 0;
export const WITHOUT_ID = 1;
export const CONTROL = 2;

const MIB = 1024 * 1024;

/** The core's delivery with `DeliveryOptions` over a client's own defaults. */
export function delivery(protocol, endpoint, headers, options, defaults) {
  const n = (name, fallback, least = 1) =>
    number(options[name], name, defaults[name] ?? fallback, least);
  const onError = callback(options.onError, "onError");
  // Memory is the most durable store there is so far, and it writes nothing.
  oneOf(options.storage, "storage", ["auto", "none"]);
  // The order is that of `to_policy` in delivery.rs.
  const policy = [
    n("flushInterval", 500, 0),
    n("batchSize", 100),
    n("batchBytes", 500_000),
    n("queueSize", 10_000),
    n("queueBytes", 16 * MIB),
    n("concurrency", 2),
    n("timeout", 5_000),
    n("maxAge", 7 * 24 * 3_600_000),
    n("maxAttempts", 0),
    +(oneOf(options.overflow, "overflow", ["drop-oldest", "drop-newest"]) === "drop-newest"),
    +(oneOf(options.compression, "compression", ["gzip", "none"]) === "gzip"),
  ];
  return new Delivery(
    protocol,
    endpoint,
    headers,
    policy,
    callback(options.fetch, "fetch"),
    onError &&
      ((code, fault, message, status, events, streams) =>
        onError(new SluiceboxError(code, fault, message, status), events, streams)),
    callback(options.waitUntil, "waitUntil"),
  );
}

/** `flush({ timeout })`, and close where nothing may follow. */
export function flush(core, options, close) {
  const timeout = number(object(options, "options").timeout, "timeout", FLUSH_TIMEOUT);
  return promise((done) => core.flush(timeout, close, done));
}
