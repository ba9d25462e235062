import { Feed } from "./feed.js";
import { flag, invalid, number, object, oneOf, text } from "./check.js";

/** Connects; resolves to { statusCode, data }: a Subscription when the status is 200, else the text. */
export function open(rest, path, query, options) {
  const { sample, signal, via, after, reconnect } = object(options, "options");
  // 0 caps nothing, and `pystride` does not send it.
  const asked = [query, whole(sample ?? 0) && `sample=${sample}`].filter(Boolean);
  const isSse = oneOf(via, "via", ["stream", "eventsource"]) === "eventsource";
  if (signal != null && !(signal instanceof AbortSignal)) {
    throw invalid('"signal" must be an AbortSignal');
  }
  flag({ reconnect }, "reconnect");
  const begin = after == null ? null : text(after, "after");
  return connected(new Feed(rest, path, asked, isSse, begin, reconnect ?? true), signal);
}

function whole(sample) {
  if (!Number.isInteger(number(sample, "sample")) || sample > 0xffffffff) {
    throw invalid('"sample" must be a whole number of events a second, at most 4,294,967,295');
  }
  return sample;
}

async function connected(feed, signal) {
  signal?.throwIfAborted();
  const close = () => feed.close();
  signal?.addEventListener("abort", close);
  feed.release = () => signal?.removeEventListener("abort", close);
  try {
    const answer = await feed.connect();
    signal?.throwIfAborted();
    if (answer.status === 200) {
      feed.run(answer);
      return { statusCode: 200, data: new Subscription(feed) };
    }
    feed.close();
    return { statusCode: answer.status, data: answer.text };
  } catch (error) {
    feed.close();
    throw signal?.aborted ? signal.reason : error;
  }
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
    return this.#feed.lastEventId;
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
