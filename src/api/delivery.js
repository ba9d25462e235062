// What every buffered client has: delivery by the core, its log, the page's life, flush and ledger.
import { callback, eventStore, number, object, oneOf } from "./check.js";
import { SluiceboxError } from "../core/error.js";
import { ADOPTED, CONTROL as IS_CONTROL, FIRST, LEFT, RETURNED, SETTLED } from "../core/held.js";
import { callQuietly, ledger, promise, roomLeft, uuid, wallNow } from "../platform/host.js";
import { holding, living, run } from "../platform/instance.js";
import { watchLife } from "../platform/life.js";

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
  const storage = eventStore(options.storage, "storage", ["auto", "none"]);
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
    identify,
    storage,
  );
}

/**
 * One core, and all it holds. It may come late, and it may trap: what is held lies here, for the next
 * instance.
 */
class Core {
  #args;
  #identify;
  #storage;
  #instance;
  #wasm;
  /** Events that are not settled, by sequence. */
  #held = new Map();
  #next = FIRST;
  #oldest = FIRST;
  /** Who stores them, as soon as it is loaded. */
  #keeper;
  #keeping;
  #isBeginning = false;
  #isClosed = false;
  /** Calls that were not answered: [timeout, close, done]. */
  #flushes = new Set();
  /** What the instance is asked to do, and what it trapped at. */
  #now;
  #suspect;
  /** Events that no instance would take. */
  #lost = 0;
  #watches = false;

  constructor(args, identify, storage) {
    this.#args = args;
    this.#identify = identify;
    this.#storage = storage;
    if (living()) this.#make();
  }

  /** From now on, what is held is stored too, where there is something durable and the user allows it. */
  keep() {
    if (!this.#storage.append && (this.#storage === "none" || !globalThis.document)) return;
    this.#keeping ??= import("../platform/durable.js").then(
      ({ Keeper }) => {
        this.#keeper = new Keeper(
          this,
          this.#held,
          this.#args.slice(0, 3).join(" "),
          this.#storage,
        );
      },
      () => this.trouble("what stores events cannot be loaded"),
    );
  }

  #make() {
    this.#wasm = undefined;
    this.#instance = living();
    // The instance knows this for as long as the page knows it: a client is freed with its last event.
    const weak = new WeakRef(this);
    this.#do(0, (Delivery) => {
      this.#wasm = new Delivery(...this.#args, {
        mark: (...mark) => weak.deref()?.mark(...mark),
        tell: (until) => weak.deref()?.#keeper?.tell(until),
      });
    });
  }

  /** Goes on with the instance that lives now. */
  begin() {
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    const [now, suspect] = [this.#now, this.#suspect];
    this.#now = 0;
    this.#suspect = now;
    if (now && now === suspect) this.#giveUp(now);
    this.#make();
    this.#isBeginning = false;
    if (this.#instance === null) this.#giveUp();
    const held = [...this.#held.values()].sort((one, other) => one[1] - other[1]);
    for (const event of held) this.#offer(event, ADOPTED);
    this.#happens(LOADED);
    if (this.#isClosed) this.#do(0, () => this.#wasm.flush(0, true, () => {}));
    for (const call of this.#flushes) this.#flush(call);
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
    const flags = form === CONTROL ? IS_CONTROL : 0;
    this.#hold([flags, this.#next++, now, spliced, stream, text]);
  }

  #hold(event, more) {
    this.#held.set(event[1], event);
    this.#keeper?.push(event);
    holding.add(this);
    this.#offer(event, more);
  }

  start() {
    this.#isClosed = false;
    this.#happens(START);
  }

  discard() {
    this.#happens(DISCARD);
    this.keep();
    this.#keeping?.then(() => this.#keeper?.erase());
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
    const [waiting, lost] = [this.#held.size, this.#lost];
    return this.#do(0, () => this.#wasm.ledger()) ?? ledger(waiting + lost, 0, 0, 0, lost, waiting);
  }

  // What the page tells.

  show() {
    this.#happens(SHOW);
  }

  hide() {
    this.#keeper?.hide();
    this.#happens(HIDE, roomLeft());
    this.#keeper?.hide();
  }

  online() {
    this.#happens(ONLINE);
  }

  freeze() {
    this.#happens(FREEZE);
    this.#keeper?.freeze();
  }

  thaw() {
    if (this.#keeper) this.#keeper.thaw();
    else this.thawed();
  }

  // What the core tells.

  mark(mark, first, count) {
    const events = [];
    for (let sequence = first; sequence < first + count; sequence++) {
      const event = this.#held.get(sequence);
      if (!event) continue;
      events.push(event);
      if (mark === SETTLED) this.#held.delete(sequence);
      else event[0] = mark === RETURNED ? event[0] & ~LEFT : event[0] | LEFT;
    }
    if (!this.#held.size && !this.#flushes.size) holding.delete(this);
    this.#keeper?.mark(mark, first, count, events);
  }

  // What the keeper tells.

  /** Stored events are being read: nothing is sent before `adopt`. */
  load() {
    this.#happens(LOAD);
  }

  /** Takes over events of an earlier visit or another page, oldest first. */
  adopt(events) {
    let sequence = (this.#oldest -= events.length);
    for (const event of events) {
      event[1] = sequence++;
      this.#hold(event, ADOPTED);
    }
    this.#happens(LOADED);
  }

  /** Goes on; another page has adopted all that is held but these, where they are given. */
  thawed(rest) {
    if (rest) {
      this.#happens(FORGET);
      this.#held.clear();
      for (const event of rest) this.#hold(event, ADOPTED);
    }
    this.#happens(THAW);
  }

  /** Another page learned until when the server is in trouble; 0: it is not. */
  told(until) {
    this.#happens(until ? TOLD : WELL, until);
  }

  trouble(message) {
    const onError = this.#args[5];
    if (onError) callQuietly(onError, "storage", "transport", message, 0, [], []);
  }

  #offer(event, more = 0) {
    const [flags, sequence, at, spliced, stream, text] = event;
    this.#do(sequence, () => this.#wasm.offer(stream, text, sequence, spliced, flags | more, at));
    if (living() === null) this.#giveUp(sequence);
  }

  /** Reports the event of this sequence, or all, as nothing that could be done. */
  #giveUp(only) {
    const [streams, texts] = [[], []];
    for (const [sequence, [flags, , , spliced, stream, text]] of [...this.#held]) {
      if (only && sequence !== only) continue;
      this.mark(SETTLED, sequence, 1);
      if (flags & IS_CONTROL) continue;
      this.#lost++;
      streams.push(stream);
      texts.push(JSON.parse(text[0] + text.slice(1 + spliced)));
    }
    const onError = this.#args[5];
    if (onError && texts.length) {
      const message = "the core cannot run here, or fails at this event";
      callQuietly(onError, "wasm_unavailable", "caller", message, 0, texts, streams);
    }
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
