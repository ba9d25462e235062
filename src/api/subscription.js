import { frames } from "../protocol/framing.js";
import { invalid, number, object, oneOf, text } from "./check.js";
import { SluiceboxError } from "../core/error.js";

/** Reading from the network stops while this many events wait to be read. */
const BUFFER_EVENTS = 1024;
const RETRY_BASE = 250;
const RETRY_CAP = 30_000;

/** Connects; resolves to { statusCode, data }: a Subscription when the status is 200, else the text. */
export function open(rest, path, query, options) {
  const { sample, signal, via, after, reconnect = true } = object(options, "options");
  const asked = [query, sample == null ? "" : `sample=${number(sample, "sample")}`];
  oneOf(via, "via", ["stream"]);
  if (signal != null && !(signal instanceof AbortSignal)) {
    throw invalid('"signal" must be an AbortSignal');
  }
  const feed = new Feed(rest, path, asked.filter(Boolean), reconnect);
  if (after != null) feed.seen = feed.last = text(after, "after");
  return connected(feed, signal);
}

async function connected(feed, signal) {
  signal?.throwIfAborted();
  signal?.addEventListener("abort", () => feed.close());
  let response;
  try {
    response = await feed.connect();
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
  if (response.status !== 200) {
    feed.state = "closed";
    return { statusCode: response.status, data: await response.text() };
  }
  feed.run(response);
  return { statusCode: 200, data: new Subscription(feed) };
}

/** Events as they come. */
class Subscription {
  #feed;

  constructor(feed) {
    this.#feed = feed;
  }

  get state() {
    return this.#feed.state;
  }

  get lastEventId() {
    return eventId(this.#feed.last);
  }

  next() {
    return this.#feed.next();
  }

  async return() {
    this.#feed.close();
    return { done: true, value: undefined };
  }

  close() {
    this.#feed.close();
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/** An id, or the id of the event. */
const eventId = (value) => {
  const id = value !== null && typeof value === "object" ? value.$id : value;
  return id == null ? null : String(id);
};

/** A wrong key or a dropped stream will not get better by waiting. */
const isFinal = (status) => status >= 400 && status < 500 && ![408, 425, 429].includes(status);

// Whole frames out of a fetch stream, a bounded buffer, and reconnection after the last event seen.
class Feed {
  state = "connecting";
  /** The last event that came, and the last one handed out. */
  seen = null;
  last = null;
  #rest;
  #path;
  #query;
  #reconnect;
  #events = [];
  #at = 0;
  #readers = [];
  #failure;
  #abort;
  #wake;

  constructor(rest, path, query, reconnect) {
    this.#rest = rest;
    this.#path = path;
    this.#query = query;
    this.#reconnect = reconnect;
  }

  next() {
    if (this.#at < this.#events.length) return Promise.resolve({ value: this.#pop(), done: false });
    if (this.#failure) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.state === "closed") return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  close(failure) {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#abort?.abort();
    if (!failure) this.#events = [];
    const readers = this.#readers;
    this.#readers = [];
    if (failure && !readers.length) this.#failure = failure;
    for (const { resolve, reject } of readers) {
      if (failure) reject(failure);
      else resolve({ value: undefined, done: true });
    }
    this.#wake?.();
  }

  async connect() {
    const after = eventId(this.seen);
    const resume = after === null ? [] : [`after=${encodeURIComponent(after)}`];
    const query = [...this.#query, ...resume].join("&");
    const path = query ? `${this.#path}?${query}` : this.#path;
    this.#abort = new AbortController();
    return this.#rest.open(path, this.#abort);
  }

  async run(response) {
    let failures = 0;
    for (;;) {
      if (await this.#read(response)) failures = 0;
      for (response = undefined; !response;) {
        if (this.state === "closed") return;
        if (!this.#reconnect) return this.close();
        this.state = "waiting";
        const ceiling = Math.min(RETRY_BASE * 2 ** failures++, RETRY_CAP);
        await this.#pause(Math.random() * ceiling);
        if (this.state === "closed") return;
        this.state = "connecting";
        response = await this.connect().catch(() => undefined);
        if (response && response.status !== 200) {
          response.body?.cancel().catch(() => {});
          if (isFinal(response.status)) {
            const message = "the server refused to resume the subscription";
            return this.close(new SluiceboxError("rejected", "server", message, response.status));
          }
          response = undefined;
        }
      }
    }
  }

  /** Reads until the stream ends or breaks; whether anything came. */
  async #read(response) {
    if (this.state === "closed" || !response.body) return false;
    this.state = "open";
    const reader = response.body.getReader();
    const feed = frames();
    let alive = false;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || this.state === "closed") return alive;
        alive = true;
        this.#push(feed(value));
        while (this.#events.length - this.#at > BUFFER_EVENTS) await this.#pause();
      }
    } catch {
      return alive;
    }
  }

  #push(events) {
    if (!events.length) return;
    this.seen = events[events.length - 1];
    const rest = this.#events.slice(this.#at);
    this.#events = rest.length ? rest.concat(events) : events;
    this.#at = 0;
    while (this.#readers.length && this.#at < this.#events.length) {
      this.#readers.shift().resolve({ value: this.#pop(), done: false });
    }
  }

  #pop() {
    this.last = this.#events[this.#at++];
    if (this.#events.length - this.#at <= BUFFER_EVENTS / 2) this.#wake?.();
    return this.last;
  }

  /** Until woken, or for some milliseconds. */
  #pause(millis) {
    return new Promise((resolve) => {
      const timer = millis !== undefined && setTimeout(resolve, millis);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
