// What every buffered client has: delivery by the core, its log, the page's life, flush and ledger.
import { Delivery } from "../../pkg/dist/wasm/client/sluicebox.js";
import { callback, number, object, oneOf } from "./check.js";
import { SluiceboxError } from "../core/error.js";
import { promise, roomLeft } from "../platform/host.js";
import { watchLife } from "../platform/life.js";
import { memoryLog } from "../platform/log.js";

/** One `Retry-After` of ten seconds and a slow answer fit in. */
const FLUSH_TIMEOUT = 30_000;

/** Forms of an event's text; see `offer` in delivery.rs. */
export const WHOLE = 0;
export const WITHOUT_ID = 1;
export const CONTROL = 2;

/** What happens; see `happens` in delivery.rs. */
const [
  SHOW,
  HIDE,
  ONLINE,
  FREEZE,
  THAW,
  LOAD,
  PERSIST,
  STORED,
  FAILED,
  TOLD,
  WELL,
  START,
  DISCARD,
] = Array(13).keys();

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
  return new Core(
    [
      protocol,
      endpoint,
      headers,
      policy,
      callback(options.fetch, "fetch"),
      onError &&
        ((code, fault, message, status, events, streams) =>
          onError(new SluiceboxError(code, fault, message, status), events, streams)),
      callback(options.waitUntil, "waitUntil"),
    ],
    memoryLog(),
  );
}

/** One core, with what keeps it alive. */
class Core {
  #wasm;
  #log;
  /** Whether the events of a burst wait for its end to be stored. */
  #soon = false;
  #watches = false;

  constructor(args, log) {
    this.#log = log;
    this.#wasm = new Delivery(...args, log);
    log.open(this);
  }

  offer(stream, text, form) {
    if (!this.#watches) {
      this.#watches = true;
      watchLife(this);
    }
    this.#wasm.offer(stream, text, form);
    if (this.#soon) return;
    this.#soon = true;
    queueMicrotask(() => {
      this.#soon = false;
      this.#happens(PERSIST);
    });
  }

  uuid() {
    return this.#wasm.uuid();
  }

  start() {
    this.#happens(START);
  }

  discard() {
    this.#happens(DISCARD);
    this.#log.erase();
  }

  flush(timeout, close, done) {
    this.#wasm.flush(timeout, close, done);
  }

  ledger() {
    return this.#wasm.ledger();
  }

  // What the page tells.

  show() {
    this.#happens(SHOW);
  }

  hide() {
    this.#happens(HIDE, roomLeft());
  }

  online() {
    this.#happens(ONLINE);
  }

  freeze() {
    this.#happens(FREEZE);
    this.#log.freeze();
  }

  thaw() {
    this.#log.thaw();
  }

  // What the log tells.

  /** It is being read: nothing is sent before `adopt`. */
  load() {
    this.#happens(LOAD);
  }

  adopt(records) {
    this.#wasm.adopt(records);
  }

  stored(done) {
    this.#happens(done ? STORED : FAILED);
  }

  /** Goes on with what it stored, or, where another page has adopted that, without. */
  thawed(kept) {
    this.#happens(THAW);
  }

  /** Another page learned until when the server is in trouble; 0: it is not. */
  told(until) {
    this.#happens(until ? TOLD : WELL, until);
  }

  #happens(what, number = 0) {
    this.#wasm.happens(what, number);
  }
}

/** `flush({ timeout })`, and close where nothing may follow. */
export function flush(core, options, close) {
  const timeout = number(object(options, "options").timeout, "timeout", FLUSH_TIMEOUT);
  return promise((done) => core.flush(timeout, close, done));
}
