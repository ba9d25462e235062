// What every buffered client has: delivery by the core, its log, the page's life, flush and ledger.
import { Delivery } from "../../pkg/dist/wasm/client/sluicebox.js";
import { callback, number, object, oneOf } from "./check.js";
import { SluiceboxError } from "../core/error.js";
import * as book from "../core/log.js";
import { promise, roomLeft, uuid, wallNow } from "../platform/host.js";
import { watchLife } from "../platform/life.js";
import { memoryLog } from "../platform/log.js";

/** One `Retry-After` of ten seconds and a slow answer fit in. */
const FLUSH_TIMEOUT = 30_000;

/** Forms of an event's text: whole, without the id that its protocol gives it, a control event. */
export const WHOLE = 0;
export const WITHOUT_ID = 1;
export const CONTROL = 2;

/** What happens; see `happens` in delivery.rs. */
const [SHOW, HIDE, ONLINE, FREEZE, THAW, LOAD, LOADED, TOLD, WELL, START, FORGET, DISCARD] =
  Array(12).keys();

const MIB = 1024 * 1024;

/** The core's delivery with `DeliveryOptions` over a client's own defaults. */
export function delivery(protocol, endpoint, headers, options, defaults, identify) {
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
    identify,
  );
}

/** One core, with its log and what keeps it alive. */
class Core {
  #wasm;
  #log;
  #book = new book.Log();
  #identify;
  #onError;
  /** Writes that are not done, oldest first. */
  #writes = [];
  /** Whether the end of a burst is waited for. */
  #soon = false;
  #watches = false;

  constructor(args, log, identify) {
    this.#log = log;
    this.#identify = identify;
    this.#onError = args[5];
    this.#wasm = new Delivery(...args, this);
    log.open(this);
  }

  uuid() {
    return uuid();
  }

  offer(stream, text, form) {
    if (!this.#watches) {
      this.#watches = true;
      watchLife(this);
    }
    let spliced = 0;
    const now = wallNow();
    if (form === WITHOUT_ID) [text, spliced] = this.#identify(text, uuid(), now);
    const flags = form === CONTROL ? book.CONTROL : 0;
    this.#offer([
      flags,
      this.#book.push(flags, now, spliced, stream, text),
      now,
      spliced,
      stream,
      text,
    ]);
    this.#writeSoon();
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
    this.#write(true);
    this.#happens(HIDE, roomLeft());
    this.#write(true);
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

  // What the core tells.

  mark(mark, first, count) {
    this.#book.mark(mark, first, count);
    this.#writeSoon();
  }

  tell(until) {
    this.#log.tell(until);
  }

  // What the log tells.

  /** It is being read: nothing is sent before `adopt`. */
  load() {
    this.#happens(LOAD);
  }

  adopt(records) {
    const [events, isDamaged] = book.read(records);
    if (isDamaged) this.trouble("stored events were damaged and cannot be read");
    this.#book.adopt(events);
    for (const event of events) this.#offer(event, book.ADOPTED);
    this.#happens(LOADED);
    this.#write(true);
  }

  stored(done) {
    this.#book.settled(this.#writes.shift(), done, wallNow());
    this.#write();
  }

  /** Goes on with what it stored, or, where another page has adopted that, without. */
  thawed(kept) {
    if (!kept) {
      const { recent } = this.#book;
      this.#happens(FORGET);
      this.#book = new book.Log();
      for (const [flags, , at, spliced, stream, text] of recent) {
        this.#offer([
          flags,
          this.#book.push(flags, at, spliced, stream, text),
          at,
          spliced,
          stream,
          text,
        ]);
      }
    }
    this.#happens(THAW);
    this.#write();
  }

  /** Another page learned until when the server is in trouble; 0: it is not. */
  told(until) {
    this.#happens(until ? TOLD : WELL, until);
  }

  trouble(message) {
    this.#onError?.("storage", "transport", message, 0, [], []);
  }

  #offer([flags, sequence, at, spliced, stream, text], more = 0) {
    this.#wasm.offer(stream, text, sequence, spliced, flags | more, at);
  }

  #writeSoon() {
    if (this.#soon) return;
    this.#soon = true;
    queueMicrotask(() => {
      this.#soon = false;
      this.#write();
    });
  }

  #write(must) {
    this.#begin(this.#book.next(wallNow(), must));
    if (this.#book.isWasteful)
      this.#book.compact(this.#log.load).then((write) => this.#begin(write));
  }

  #begin(write) {
    if (!write) return;
    this.#writes.push(write);
    this.#log.write(write.record, write.gone);
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
