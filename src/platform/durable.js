// Keeps what a core holds where it outlives the page. Loaded when a client wants it: no page needs it for
// its first event, and what happens before it is there waits in the core.
import { Book, read } from "../core/log.js";
import { storeLog } from "./event_store.js";
import { cancel, later, monotonicNow, now, TIMER_MAX } from "./host.js";
import { pageLog } from "./tabs.js";

/**
 * In a page a write is followed by a pause of so many times what it took, so that of a burst writing takes a
 * twentieth; and of no more than so many milliseconds, as what is not stored yet is lost where the browser is
 * killed. A store of the user's own is written to at once: a Worker may have no later.
 */
const PAUSE = 19;
const PAUSE_MAX = 20;

/** The keeper of a core: between its events, the book of its log, and the log. */
export class Keeper {
  #core;
  #held;
  #book;
  #log;
  /** Writes that are not done, oldest first. */
  #writes = [];
  /** Whether the end of a burst, or of a pause, is waited for. */
  #soon = false;
  #isPage;
  #notBefore = 0;
  /** What waits until nothing is being written. */
  #waits = new Set();

  /** `held` are the events of the core by sequence; `owner` says whose they are. */
  constructor(core, held, owner, storage) {
    this.#core = core;
    this.#held = held;
    this.#isPage = !storage.append;
    // A browser's database writes all or nothing, and Chromium's has checksums of its own.
    this.#book = new Book(held, this.#isPage);
    this.#log = this.#isPage ? pageLog(hash(owner)) : storeLog(storage);
    this.#log.open(this);
    this.#writeSoon();
  }

  // What the core tells.

  /** Before this nothing is taken over: what explains it is being loaded. */
  get ready() {
    return this.#core.ready;
  }

  push(event) {
    this.#book.push(event);
    this.#writeSoon();
  }

  mark(...mark) {
    this.#book.mark(...mark);
    this.#writeSoon();
  }

  /** What is new is stored now: the page may go away. */
  hide() {
    this.#write(true);
  }

  /**
   * Calls back when a store of the user's own has all that became of the events, or at this time: a process may
   * end then. False where there is nothing to wait for, as in a page, whose writes outlive it.
   */
  settles(done, until) {
    if (this.#isPage) return false;
    this.#write();
    if (!this.#writes.length) return false;
    const wait = () => {
      cancel(timer);
      if (this.#waits.delete(wait)) done();
    };
    const timer = later(wait, Math.min(until - now(), TIMER_MAX));
    return this.#waits.add(wait);
  }

  tell(until) {
    this.#log.tell(until);
  }

  freeze() {
    this.#log.freeze();
  }

  thaw() {
    this.#log.thaw();
  }

  erase() {
    this.#log.erase();
  }

  // What the log tells.

  load() {
    this.#core.load();
  }

  adopt(records) {
    const [events, isDamaged] = read(records, this.#isPage);
    if (isDamaged) this.trouble("stored events were damaged and cannot be read");
    this.#core.adopt(events);
    this.#write(true);
  }

  stored(done) {
    this.#book.settled(this.#writes.shift(), done, now());
    if (!this.#waits.size) return this.#writeSoon();
    this.#write();
    if (!this.#writes.length) for (const wait of this.#waits) wait();
  }

  thawed(kept) {
    // Writes that waited for the log are not done.
    while (!kept && this.#writes.length) this.#book.settled(this.#writes.pop(), false, 0);
    this.#core.thawed(kept ? undefined : this.#book.lost());
    this.#write();
  }

  told(until) {
    this.#core.told(until);
  }

  trouble(message) {
    this.#core.trouble(message);
  }

  #writeSoon() {
    if (this.#soon) return;
    this.#soon = true;
    const write = () => {
      this.#soon = false;
      this.#write();
    };
    const pause = this.#notBefore - monotonicNow();
    if (pause > 0) later(write, pause);
    else queueMicrotask(write);
  }

  #write(must) {
    const begun = monotonicNow();
    const write = this.#book.next(now(), must);
    if (!write) return;
    this.#writes.push(write);
    this.#log.write(write.text, write.gone);
    const done = monotonicNow();
    if (this.#isPage) this.#notBefore = done + Math.min(PAUSE * (done - begun), PAUSE_MAX);
  }
}

/** 53 bits (cyrb53): neither the key in it nor the endpoint can be read. */
function hash(text) {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (2 ** 32 * (low & 0x1fffff) + (high >>> 0)).toString(36);
}
