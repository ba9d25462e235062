// The requests of one core: made of the texts that it holds, sent, taken back.
import { abort, exchange, fate, later, now } from "../platform/host.js";

/** Stands around a tail for gzip.rs; no tail between two of them is the last one again. JSON escapes it. */
const TAIL = "\x01";

/** Requests that are not answered. */
export class Requests {
  #options;
  #held;
  #answered;
  /** id → { sent }, what `abort` takes. */
  #calls = new Map();

  /** `held` has the events by sequence; `answered(id, status, retryAfter, body)` is told each answer. */
  constructor(options, held, answered) {
    this.#options = options;
    this.#held = held;
    this.#answered = answered;
  }

  /** Sends as `send` of host.rs says; whether it is on its way, as what is leaving may find no room. */
  send(id, sequences, failures, first, last, trouble, packed, leaving) {
    const { endpoint, headers, fetch, key } = this.#options;
    const call = {};
    this.#calls.set(id, call);
    const done = (...answer) => {
      // Nobody waits for what was aborted, nor for what a dead instance sent.
      if (this.#calls.get(id) !== call) return;
      this.#calls.delete(id);
      this.#answered(id, ...answer);
    };
    // A page that goes away is told that what outlives it has failed, just before it is told that it goes.
    const ended = (status, ...more) =>
      status || !call.sent || fate(call.sent) !== 1
        ? done(status, ...more)
        : later(() => done(0, ...more), 0);
    const isPlain = leaving && !packed.length;
    const attempt = [failures, first, last, trouble];
    const [path, lines, text] = this.#encoded(sequences, isPlain, ...attempt);
    // An address that has the key needs no headers.
    const own = path.endsWith("=") ? [path + key, ""] : [path, headers];
    const [to, all] = [endpoint + own[0], own[1] + lines];
    // The instance's memory is not ours to keep.
    const body = packed.length ? packed.slice() : text() + this.end();
    call.sent = exchange(fetch, to, all, body, leaving, ended);
    return !leaving || fate(call.sent) > 0;
  }

  abort(id) {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (call) abort(call.sent);
  }

  /** [id, what becomes of it when the page goes away] of each. */
  fates() {
    return [...this.#calls].map(([id, { sent }]) => [id, fate(sent)]);
  }

  /** Whoever asked for them is gone. */
  forget() {
    this.#calls.clear();
  }

  toPack(sequences) {
    let last;
    const marked = this.#held.of(sequences).map((event) => {
      const { 6: tail } = event;
      if (!tail) return event;
      const copy = [...event];
      copy[6] = TAIL + (tail === last ? "" : tail) + TAIL;
      last = tail;
      return copy;
    });
    const [, , text, packFrom] = this.#options.encode(marked, false, now());
    const body = packFrom >= 0 ? text() : "";
    return body.length < packFrom ? "" : body;
  }

  end() {
    return this.#options.end?.(now()) ?? "";
  }

  #encoded(sequences, isPlain, ...attempt) {
    return this.#options.encode(this.#held.of(sequences), isPlain, now(), ...attempt);
  }
}
