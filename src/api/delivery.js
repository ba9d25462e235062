// What every buffered client has: delivery by the core, its log, the page's life, flush and ledger.
import { callback, number, object, oneOf } from "./check.js";
import { SluiceboxError } from "../core/error.js";
import * as book from "../core/log.js";
import { callQuietly, ledger, promise, roomLeft, uuid, wallNow } from "../platform/host.js";
import { holding, living, run } from "../platform/instance.js";
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

/**
 * One core, with its log and what keeps it alive. It may come late, and it may trap: the book has what the
 * next instance needs.
 */
class Core {
  #args;
  #instance;
  #wasm;
  #log;
  #book = new book.Log();
  #identify;
  #onError;
  /** Whether the log is being read for the next instance. */
  #begins = false;
  #isClosed = false;
  /** Calls that were not answered: [timeout, close, done]. */
  #flushes = new Set();
  /** What the instance is asked to do, and what it trapped at. */
  #now;
  #suspect;
  /** Events that no instance has taken yet, and that none will. */
  #waiting = 0;
  #lost = 0;
  /** Writes that are not done, oldest first. */
  #writes = [];
  /** Whether the end of a burst is waited for. */
  #soon = false;
  #watches = false;

  constructor(args, log, identify) {
    this.#args = args;
    this.#log = log;
    this.#identify = identify;
    this.#onError = args[5];
    if (living()) this.#make();
    log.open(this);
  }

  #make() {
    this.#wasm = undefined;
    this.#instance = living();
    // The instance knows this for as long as the page knows it: a client is freed with its last event.
    const weak = new WeakRef(this);
    this.#do(0, (Delivery) => {
      this.#wasm = new Delivery(...this.#args, {
        mark: (...args) => weak.deref()?.mark(...args),
        tell: (until) => weak.deref()?.#log.tell(until),
      });
    });
  }

  /** Goes on with the instance that lives now. */
  async begin() {
    this.#wasm = this.#instance = undefined;
    if (this.#begins) return;
    this.#begins = true;
    const held = this.#book.held(await this.#log.load().catch(() => []));
    this.#begins = false;
    const [now, suspect] = [this.#now, this.#suspect];
    this.#now = 0;
    this.#suspect = now;
    if (now && now === suspect) this.#giveUp(held, now);
    this.#make();
    if (this.#instance === null) this.#giveUp(held);
    if (this.#instance !== undefined) this.#waiting = 0;
    for (const event of held) this.#offer(event, book.ADOPTED);
    this.#happens(LOADED);
    if (this.#isClosed) this.#do(0, () => this.#wasm.flush(0, true, () => {}));
    for (const call of this.#flushes) this.#flush(call);
    this.#write();
  }

  /** Asks the instance. What a trap keeps it from doing, `begin` asks the next one. */
  #do(now, act) {
    if (living() !== this.#instance) this.begin();
    const instance = this.#instance;
    if (!instance) return undefined;
    this.#now = now;
    const done = run(instance, () => act(instance));
    if (!instance.dead) this.#now = 0;
    return done;
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
    holding.add(this);
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
    this.#isClosed = false;
    this.#happens(START);
  }

  discard() {
    this.#happens(DISCARD);
    this.#log.erase();
  }

  flush(timeout, close, done) {
    this.#isClosed ||= close;
    const call = [
      timeout,
      close,
      (counts) => {
        if (this.#flushes.delete(call)) done(counts);
      },
    ];
    this.#flushes.add(call);
    holding.add(this);
    this.#flush(call);
  }

  #flush(call) {
    if (this.#instance === null || this.#suspect === call) call[2](this.ledger());
    else this.#do(call, () => this.#wasm.flush(...call));
  }

  ledger() {
    const [waiting, lost] = [this.#waiting, this.#lost];
    return this.#do(0, () => this.#wasm.ledger()) ?? ledger(waiting + lost, 0, 0, 0, lost, waiting);
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
    if (this.#book.isEmpty) holding.delete(this);
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

  #offer(event, more = 0) {
    const [flags, sequence, at, spliced, stream, text] = event;
    this.#do(sequence, () => this.#wasm.offer(stream, text, sequence, spliced, flags | more, at));
    if (living() === null) this.#giveUp([event]);
    else if (!this.#wasm && !(flags & book.CONTROL)) this.#waiting++;
  }

  /** Those of the events that are not settled, or the one of this sequence. */
  #giveUp(events, only) {
    const streams = [];
    const texts = [];
    for (const event of events.splice(0)) {
      const [flags, sequence, , spliced, stream, text] = event;
      if (only && sequence !== only) {
        events.push(event);
        continue;
      }
      this.mark(0, sequence, 1);
      if (flags & book.CONTROL) continue;
      this.#lost++;
      streams.push(stream);
      texts.push(JSON.parse(text[0] + text.slice(1 + spliced)));
    }
    if (this.#onError && texts.length) {
      const message = "the core cannot run here, or fails at this event";
      callQuietly(this.#onError, "wasm_unavailable", "caller", message, 0, texts, streams);
    }
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
    // What is read for the next instance stays all there is.
    if (this.#begins) return;
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
    this.#do(0, () => this.#wasm.happens(what, number));
  }
}

/** `flush({ timeout })`, and close where nothing may follow. */
export function flush(core, options, close) {
  const timeout = number(object(options, "options").timeout, "timeout", FLUSH_TIMEOUT);
  return promise((done) => core.flush(timeout, close, done));
}
