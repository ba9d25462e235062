// One client's core: the instance that decides, all that it holds, and what it wants done.
import { SluiceboxError } from "../core/error.js";
import {
  accepted,
  ADOPTED,
  byteLength,
  CONTROL as IS_CONTROL,
  FIRST,
  Held,
  inOrder,
  series,
  SETTLED,
} from "../core/held.js";
import {
  callQuietly,
  cancel,
  later,
  now,
  roomLeft,
  uuid,
  waitFor,
  wallNow,
  TIMER_MAX,
} from "../platform/host.js";
import { holding, living, run } from "../platform/instance.js";
import { watchLife } from "../platform/life.js";
import { Requests } from "./requests.js";

/** Forms of an event's text: whole, a control event, without the id that its protocol gives it. */
export const WHOLE = 0;
export const CONTROL = IS_CONTROL;
export const WITHOUT_ID = 8;

/** What happens; see `happens` in delivery.rs. */
const [SHOW, HIDE, ONLINE, FREEZE, THAW, LOAD, LOADED, TOLD, WELL, START, FORGET, DISCARD, TICK] =
  Array(13).keys();
const [UNSENT, KEPT] = [13, 14];
/** What the core calls. */
const CALLS = "send toPack end abort dead mark tell flushed sleep counts".split(" ");

/** Milliseconds: so long the first events of a page may take before they are events like others. */
const FIRST_TIMEOUT = 1_000;
/** Milliseconds: what stores events is loaded so long after the first answer, or after the client was made. */
const [LOAD_AFTER_ANSWER, LOAD_AFTER] = [250, 1_000];
/** Events of a burst that are offered at its end. */
const BURST_MAX = 64;
/** Milliseconds: so long a hidden page waits for room that others use. */
const CROWDED = 1_000;
/** Cloudflare Workers stop work 30 s after the answer. */
const WAIT_UNTIL = 25_000;

/**
 * One core, and all it holds. It may come late, and it may trap: what is held lies here, for the next
 * instance.
 */
export class Core {
  #options;
  #instance;
  #wasm;
  /** Events that are not settled, by sequence. */
  #held = new Held();
  /** Events of a burst that is not at its end: without sequence and id, their form in the place of flags. */
  #burst = [];
  /** The first that the instance was not offered yet. */
  #unfed = FIRST;
  #ids = series(uuid);
  /** The stream that the instance was told last; the last tail, and its size. */
  #stream;
  #tail;
  #tailBytes;
  /** Who stores them, as soon as it is loaded. */
  #keeper;
  #load;
  #keeping;
  #requests;
  #timer;
  #wakes;
  /** Calls that were not answered: token → [timeout, close, done, until]. */
  #flushes = new Map();
  #token = 0;
  #counts;
  #isFirst = true;
  #isBeginning = false;
  #isFeeding = false;
  #isClosed = false;
  /** Whether a `waitUntil` covers the burst that is coming in. */
  #isCovered = false;
  #watches = false;
  /** What the instance is asked to do, and what it trapped at. */
  #now;
  #suspect;
  /** Events that no instance would take. */
  #lost = 0;

  constructor(options) {
    this.#options = options;
    // For who explains what becomes of them.
    options.held = this.#held;
    this.#requests = new Requests(options, this.#held, (...answer) => {
      if (this.#load && !this.#keeping) later(this.#load, LOAD_AFTER_ANSWER);
      this.#do(0, () => this.#wasm.answered(now(), ...answer));
    });
  }

  /** From now on, what is held is stored too, where there is something durable and the user allows it. */
  keep() {
    const { protocol, endpoint, headers, storage } = this.#options;
    if (!storage.append && (storage === "none" || !globalThis.document)) return;
    this.#load = () =>
      (this.#keeping ??= import("../platform/durable.js").then(
        ({ Keeper }) => {
          const owner = `${protocol} ${endpoint} ${headers}`;
          this.#keeper = new Keeper(this, this.#held, owner, storage);
        },
        () => {
          this.#happens(LOADED);
          this.trouble("what stores events cannot be loaded");
        },
      ));
    // What a store of the user's own has comes before all that is new.
    if (storage.append) this.load();
    // A page has other things to load at first; what an earlier visit left can wait so long.
    if (storage.append || this.#watches) this.#load();
    else later(this.#load, LOAD_AFTER);
  }

  #make() {
    this.#wasm = this.#stream = undefined;
    this.#instance = living();
    this.#requests.forget();
    cancel(this.#timer);
    this.#timer = undefined;
    // The instance knows this for as long as the page knows it: a client is freed with its last event.
    const weak = new WeakRef(this);
    const host = {};
    for (const name of CALLS) host[name] = (...args) => weak.deref()?.[name](...args);
    const { protocol, policy } = this.#options;
    this.#do(0, (Delivery) => (this.#wasm = new Delivery(protocol, policy, host)));
  }

  /** Goes on with the instance that lives now. */
  begin() {
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    const [at, suspect] = [this.#now, this.#suspect];
    this.#now = 0;
    this.#take();
    this.#unfed = this.#held.next;
    if (at) this.#suspect = at;
    if (at && at === suspect) this.#giveUp(at);
    this.#make();
    this.#isBeginning = false;
    if (this.#instance === null) this.#giveUp();
    // Of a page's first instance nobody has sent anything yet.
    this.#adopt(inOrder(this.#held.values()), this.#isFirst ? 0 : ADOPTED);
    if (this.#instance) this.#isFirst = false;
    this.#happens(LOADED);
    if (this.#isClosed) this.#do(0, () => this.#wasm.flush(now(), this.#token++, 0, true));
    for (const [token, call] of this.#flushes) this.#flush(token, call);
  }

  /** Asks the instance. What a trap keeps it from doing, `begin` asks the next one. */
  #do(what, act) {
    this.#prepare();
    this.#ask(what, act);
  }

  #prepare() {
    if (living() !== this.#instance) this.begin();
    else if (this.#burst.length) this.#feed();
  }

  #ask(what, act) {
    const instance = this.#instance;
    if (!instance) return;
    this.#now = what;
    run(instance, () => act(instance));
    if (!instance.dead) this.#now = 0;
  }

  uuid() {
    return uuid();
  }

  /** Takes an event; what many share stands in their tail. What can wait for the end of the burst does. */
  offer(stream, text, form, tail = "") {
    const waits = this.#burst.push([form, 0, wallNow(), 0, stream, text, tail]);
    if (waits >= BURST_MAX || this.#isFeeding) this.#feed();
    else if (waits < 2) queueMicrotask(() => this.#feed());
    const { waitUntil } = this.#options;
    if (!waitUntil || this.#isCovered) return;
    // One promise for each burst, as each has a cost. It begins a moment later, so the whole burst is in
    // before it is sent. What comes after that may belong to another request, whose `waitUntil` is another.
    this.#isCovered = true;
    waitFor(waitUntil, (done) => {
      this.#isCovered = false;
      this.flush(WAIT_UNTIL, false, done);
    });
  }

  /** Holds what came since. */
  #take() {
    if (this.#burst.length && !this.#watches) this.#watch();
    for (const event of this.#burst.splice(0)) {
      if (event[0] & WITHOUT_ID) {
        [event[5], event[3]] = this.#options.identify(event[5], this.#ids(), event[2]);
      }
      event[0] &= IS_CONTROL;
      this.#held.push(event);
      this.#store(event);
    }
  }

  #watch() {
    this.#watches = true;
    // The first events of a page do not wait: their answer tells, before the page may leave, whether
    // the server is there, and what the browser asks it first is asked by then.
    if (watchLife(this)) later(() => this.flush(FIRST_TIMEOUT, false, () => {}), 0);
  }

  #store(event) {
    this.#keeper?.push(event);
    holding.add(this);
  }

  start() {
    this.#isClosed = false;
    // One that is to come begins so, and is not compiled for that.
    if (this.#instance) this.#happens(START);
  }

  discard() {
    this.#happens(DISCARD);
    this.keep();
    this.#load?.().then(() => this.#keeper?.erase());
  }

  flush(timeout, close, done) {
    this.#prepare();
    this.#isClosed ||= close;
    const [token, call] = [this.#token++, [timeout, close, done, now() + timeout]];
    this.#flushes.set(token, call);
    holding.add(this);
    this.#flush(token, call);
  }

  #flush(token, call) {
    if (this.#instance === null || this.#suspect === call) this.flushed(token);
    else this.#do(call, () => this.#wasm.flush(now(), token, call[0], call[1]));
  }

  ledger() {
    this.#counts = undefined;
    this.#do(0, () => this.#wasm.ledger());
    if (!this.#counts)
      this.counts(this.#held.size + this.#lost, 0, 0, 0, this.#lost, this.#held.size);
    return this.#counts;
  }

  // What the page tells.

  show() {
    this.#happens(SHOW);
  }

  hide() {
    this.#prepare();
    this.#keeper?.hide();
    for (const [id, fate] of this.#requests.fates()) {
      // What is on its way says whether it outlives the page.
      if (fate === 0) this.abort(id);
      if (fate < 2) this.#happens(fate ? KEPT : UNSENT, id);
    }
    // What is offline stays stored.
    this.#happens(HIDE, navigator.onLine ? roomLeft() : 0);
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

  send(id, ...request) {
    if (this.#requests.send(id, ...request)) return;
    // Another client of the page has used the room that this one was told of.
    this.abort(id);
    this.#happens(UNSENT, id);
    // Nobody tells when it gives some back.
    later(() => document.hidden && this.hide(), CROWDED);
  }

  toPack(sequences) {
    return this.#requests.toPack(sequences);
  }

  end() {
    return this.#requests.end();
  }

  abort(id) {
    this.#requests.abort(id);
  }

  dead(code, fault, message, status, sequences) {
    this.#report(this.#held.of(sequences), code, fault, message, status);
  }

  #report(events, ...why) {
    const { onError } = this.#options;
    if (!onError) return;
    const given = events.map((event) => JSON.parse(accepted(event)));
    const streams = events.map(({ 4: stream }) => stream);
    callQuietly(onError, new SluiceboxError(...why), given, streams);
  }

  flushed(token) {
    const call = this.#flushes.get(token);
    this.#flushes.delete(token);
    if (!call) return;
    const done = () => callQuietly(call[2], this.ledger());
    if (!this.#keeper?.settles(done, call[3])) done();
  }

  /** A timer that fires no later stays: waking too early costs less than a new timer for each event. */
  sleep(until) {
    if (this.#timer && this.#wakes <= until && until < Infinity) return;
    cancel(this.#timer);
    this.#timer = undefined;
    this.#wakes = until;
    if (until === Infinity) return;
    const wake = () => {
      this.#timer = undefined;
      this.#happens(TICK);
    };
    this.#timer = later(wake, Math.min(Math.max(until - now(), 0), TIMER_MAX));
  }

  counts(accepted, delivered, rejected, expired, dropped, pending) {
    this.#counts = { accepted, delivered, rejected, expired, dropped, pending };
  }

  tell(until) {
    this.#keeper?.tell(until);
  }

  mark(mark, first, count) {
    const events = this.#held.mark(mark, first, count);
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
    this.#held.unshift(events);
    for (const event of events) this.#store(event);
    this.#adopt(events);
    this.#happens(LOADED);
  }

  /** Goes on; another page has adopted all that is held but these, where they are given. */
  thawed(rest) {
    if (rest) {
      this.#happens(FORGET);
      this.#held.clear();
      for (const event of rest) this.#held.set(event[1], event);
      for (const event of rest) this.#store(event);
      this.#adopt(rest);
    }
    this.#happens(THAW);
  }

  /** Another page learned until when the server is in trouble; 0: it is not. */
  told(until) {
    this.#happens(until ? TOLD : WELL, until);
  }

  trouble(message) {
    this.#report([], "storage", "transport", message);
  }

  /** Offers what was not offered yet; where a callback adds to it meanwhile, that too, and in order. */
  #feed() {
    this.#isFeeding = true;
    this.#take();
    this.#offer(() => {
      const at = now();
      while (this.#unfed < this.#held.next) this.#tell(at, this.#held.get(this.#unfed++), 0);
    });
    this.#isFeeding = false;
  }

  /** Offers by `act`, unless a new instance is offered all that is held. */
  #offer(act) {
    if (living() !== this.#instance) return this.begin();
    this.#ask(0, act);
    if (living() === null) this.#giveUp();
  }

  #adopt(events, more = ADOPTED) {
    this.#offer(() => {
      const at = now();
      for (const event of events) this.#tell(at, event, event[1] < FIRST ? ADOPTED : more);
    });
  }

  #tell(now, [flags, sequence, at, , stream, text, tail], more) {
    this.#now = sequence;
    if (stream !== this.#stream) this.#wasm.stream((this.#stream = stream));
    if (tail !== this.#tail) [this.#tail, this.#tailBytes] = [tail, byteLength(tail)];
    const bytes = byteLength(text) + this.#tailBytes;
    this.#wasm.offer(now, sequence, bytes, flags | more, at);
  }

  /** Reports the event of this sequence, or all, as nothing that could be done. */
  #giveUp(only) {
    const lost = [];
    for (const [sequence, event] of [...this.#held]) {
      if (only && sequence !== only) continue;
      this.mark(SETTLED, sequence, 1);
      if (!(event[0] & IS_CONTROL)) lost.push(event);
    }
    this.#lost += lost.length;
    const message = "the core cannot run here, or fails at this event";
    if (lost.length) this.#report(lost, "wasm_unavailable", "caller", message);
  }

  #happens(what, number = 0) {
    this.#do(0, () => this.#wasm.happens(now(), what, number));
  }
}
