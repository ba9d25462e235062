// What every buffered client has: delivery by the core, its log, the page's life, flush and ledger.
import { callback, number, object, oneOf } from "./check.js";
import { SluiceboxError } from "../core/error.js";
import { callQuietly, entropy, ledger, promise, roomLeft } from "../platform/host.js";
import { holding, living, run } from "../platform/instance.js";
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

/**
 * One core, with what keeps it alive. There may be no instance of it yet, and it may trap: calls since
 * the last record are kept, and made again with the next instance.
 */
class Core {
  #args;
  #instance;
  #wasm;
  #log;
  /** Calls that no record holds, oldest first: each method, its arguments, times it was begun in vain. */
  #recent = [];
  #flushes = new Set();
  #isClosed = false;
  /** Events that no instance ever took. */
  #lost = 0;
  /** Whether the events of a burst wait for its end to be stored. */
  #soon = false;
  #watches = false;

  constructor(args, log) {
    this.#args = args;
    this.#log = log;
    this.begin();
  }

  /** Goes on with the instance that lives now. */
  begin() {
    const calls = this.#recent;
    this.#recent = [];
    this.#instance = living();
    this.#wasm = undefined;
    // A core that the page has let go of is freed, though its log is known to the instance.
    const weak = new WeakRef(this);
    this.#try(
      (Delivery) =>
        (this.#wasm = new Delivery(...this.#args, {
          write: (record, remove) => weak.deref()?.#write(record, remove),
          tell: (until) => weak.deref()?.#log.tell(until),
        })),
    );
    if (this.#wasm) this.#log.open(this);
    if (this.#isClosed) this.#try(() => this.#wasm.flush(0, true, () => {}));
    for (const call of calls) this.#do(call);
    for (const call of this.#flushes) this.#ask(call);
    this.#happens(PERSIST);
  }

  #write(record, remove) {
    this.#recent = [];
    this.#log.write(record, remove);
    if (this.#log.records?.length === 0) holding.delete(this);
  }

  /** What a dead instance was asked goes to the next. */
  #try(act) {
    if (this.#instance) return run(this.#instance, () => act(this.#instance));
  }

  #do(call) {
    const instance = living();
    if (call.tries > 1 || instance === null) return this.#giveUp(call);
    holding.add(this);
    this.#recent.push(call);
    if (instance !== this.#instance) this.begin();
    else this.#make(call);
  }

  #make(call) {
    const { of, args, tries } = call;
    if (!this.#wasm) return;
    call.tries = tries + 1;
    this.#try(() => {
      this.#wasm[of](...args);
      call.tries = tries;
    });
  }

  #giveUp({ args: [stream, text, form] }) {
    if (form === CONTROL) return;
    this.#lost++;
    const event = JSON.parse(text.replace(/^,/, "{"));
    const [code, message] = ["wasm_unavailable", "this event could not be taken"];
    callQuietly(this.#args[5] ?? (() => {}), code, "caller", message, 0, [event], [stream]);
  }

  offer(...args) {
    if (!this.#watches) {
      this.#watches = true;
      watchLife(this);
    }
    this.#do({ of: "offer", args, tries: 0 });
    if (this.#soon) return;
    this.#soon = true;
    queueMicrotask(() => {
      this.#soon = false;
      this.#happens(PERSIST);
    });
  }

  /** A random id: version 4. */
  uuid() {
    return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
      (digit ^ ((entropy() & 15) >> (digit / 4))).toString(16),
    );
  }

  start() {
    this.#isClosed = false;
    this.#happens(START);
  }

  discard() {
    this.#recent = [];
    this.#happens(DISCARD);
    this.#log.erase();
  }

  flush(timeout, close, done) {
    this.#isClosed ||= close;
    const settle = (counts) => {
      this.#flushes.delete(call);
      done(counts);
    };
    const call = { of: "flush", args: [timeout, close, settle], tries: 0 };
    this.#flushes.add(call);
    holding.add(this);
    if (living() !== this.#instance) this.begin();
    else this.#ask(call);
  }

  #ask(call) {
    if (this.#instance === null || call.tries > 1) call.args[2](this.ledger());
    else this.#make(call);
  }

  ledger() {
    const waiting = this.#recent.length;
    return this.#try(() => this.#wasm.ledger()) ?? ledger(this.#lost + waiting, 0, 0, 0, this.#lost, waiting);
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
    this.#try(() => this.#wasm.adopt(records));
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
    this.#try(() => this.#wasm?.happens(what, number));
  }
}

/** `flush({ timeout })`, and close where nothing may follow. */
export function flush(core, options, close) {
  const timeout = number(object(options, "options").timeout, "timeout", FLUSH_TIMEOUT);
  return promise((done) => core.flush(timeout, close, done));
}
