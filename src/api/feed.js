import { pause } from "../platform/connection.js";
import { lines, messages } from "../protocol/framing.js";
import { SluiceboxError } from "../core/error.js";
import { parse } from "../core/json.js";

/** Nothing more is read from the network while more than this waits to be taken. */
const BUFFER_EVENTS = 1024;
const BUFFER_BYTES = 1024 * 1024;
const RETRY_BASE = 250;
const RETRY_CAP = 30_000;

/** A dropped stream or a wrong key will not get better by waiting, nor will a page in its place. */
const isFinal = (status) => status < 500 && ![408, 425, 429].includes(status);

/** Half of a pair has no form in a URL. */
const wellFormed = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd");

/** The id that came with an event, or its own; null where it has none. */
function idOf(event, id) {
  id ||= event?.$id;
  return id == null ? null : String(id);
}

/** One subscription: a bounded buffer, and connection after connection to fill it. */
export class Feed {
  state = "connecting";
  /** The id of the last event handed out. */
  lastEventId;
  /** Called once, at the end. */
  release;
  /** The id of the last event that came, or where the server says that it began. */
  #seen;
  #rest;
  #path;
  #query;
  #isSse;
  #reconnect;
  #heard = false;
  /** Whether the connection was left for want of room: an EventSource cannot be held up. */
  #wasLeft = false;
  /** { events, ids, bytes, at }: what one chunk or message brought, taken up to `at`. */
  #batches = [];
  #events = 0;
  #bytes = 0;
  #readers = [];
  #failure;
  /** Ends the connection, the attempt or the pause there is. */
  #abort;
  #wake;

  constructor(rest, path, query, isSse, after, reconnect) {
    this.#rest = rest;
    this.#path = path;
    this.#query = query;
    this.#isSse = isSse;
    this.#seen = this.lastEventId = after;
    this.#reconnect = reconnect;
  }

  next() {
    if (this.#batches.length) return Promise.resolve({ value: this.#shift(), done: false });
    if (this.#failure) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.state === "closed") return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  /** Ends at once, and throws away what was not taken. */
  close() {
    this.#batches = [];
    this.#failure = undefined;
    this.#end();
  }

  /** One attempt. The buffer is filled from now on. */
  async connect() {
    const abort = (this.#abort = new AbortController());
    this.state = "connecting";
    this.#heard = false;
    const resume = this.#seen === null ? [] : `after=${encodeURIComponent(wellFormed(this.#seen))}`;
    const query = this.#query.concat(resume).join("&");
    const path = query ? `${this.#path}?${query}` : this.#path;
    const answer = await this.#rest.follow(path, abort, this.#taker(abort.signal));
    if (answer.status === 200 && this.state !== "closed") this.state = "open";
    return answer;
  }

  /** What becomes of each connection, until there is to be no other. */
  async run(answer) {
    let failures = 0;
    for (;;) {
      await answer.ended;
      if (this.#heard) failures = 0;
      let mayConnect = this.#wasLeft;
      this.#wasLeft = false;
      if (mayConnect && this.#isFull()) await this.#room();
      for (answer = undefined; answer?.status !== 200;) {
        if (this.state !== "closed" && !mayConnect) {
          if (!this.#reconnect) return this.#end();
          this.state = "waiting";
          const ceiling = Math.min(RETRY_BASE * 2 ** failures++, RETRY_CAP);
          const delay = Math.max(Math.random() * ceiling, answer?.wait || 0);
          await pause(delay, (this.#abort = new AbortController()));
        }
        if (this.state === "closed") return;
        mayConnect = false;
        try {
          answer = await this.connect();
        } catch (error) {
          if (error.code === "rejected") return this.#end(error);
          answer = undefined;
        }
        if (answer && answer.status !== 200 && isFinal(answer.status)) {
          const message = `the server refused to resume the subscription: ${answer.text || `status ${answer.status}`}`;
          return this.#end(new SluiceboxError("rejected", "server", message, answer.status));
        }
      }
    }
  }

  /** What comes on one connection; nothing of it counts after its end. */
  #taker(signal) {
    const feed = this.#isSse ? messages() : lines();
    const chunk = (bytes) => {
      if (signal.aborted) return undefined;
      this.#heard = true;
      this.#push(feed(bytes), bytes.length);
      return this.#isFull() ? this.#room() : undefined;
    };
    const message = (data, id) => {
      if (signal.aborted) return;
      this.#heard = true;
      const event = parse(data);
      if (event !== undefined) this.#push([[event], [id]], data.length);
      if (this.#isFull()) {
        this.#wasLeft = true;
        this.#abort.abort();
      }
    };
    const begin = (position) => {
      if (position) this.#seen ??= position;
    };
    return { begin, chunk, message: this.#isSse && message };
  }

  #push([events, ids], bytes) {
    if (!events.length) return;
    for (let at = events.length, id = null; id === null && at--;) {
      id = idOf(events[at], ids?.[at]);
      if (id !== null) this.#seen = id;
    }
    this.#batches.push({ events, ids, bytes, at: 0 });
    this.#events += events.length;
    this.#bytes += bytes;
    while (this.#readers.length && this.#batches.length) {
      this.#readers.shift().resolve({ value: this.#shift(), done: false });
    }
  }

  #shift() {
    const batch = this.#batches[0];
    const event = batch.events[batch.at];
    this.lastEventId = idOf(event, batch.ids?.[batch.at]) ?? this.lastEventId;
    this.#events--;
    if (++batch.at === batch.events.length) {
      this.#batches.shift();
      this.#bytes -= batch.bytes;
    }
    if (this.#wake && this.#events * 2 <= BUFFER_EVENTS && this.#bytes * 2 <= BUFFER_BYTES) {
      this.#wake();
    }
    return event;
  }

  #isFull() {
    return this.#events > BUFFER_EVENTS || this.#bytes > BUFFER_BYTES;
  }

  /** Until half of the buffer is free, or the end. */
  #room() {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  /** What came can still be taken, and then the failure. */
  #end(failure) {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#abort?.abort();
    this.#wake?.();
    this.release?.();
    const readers = this.#readers;
    this.#readers = [];
    if (failure && !readers.length) this.#failure = failure;
    for (const { resolve, reject } of readers) {
      if (failure) reject(failure);
      else resolve({ value: undefined, done: true });
    }
  }
}
