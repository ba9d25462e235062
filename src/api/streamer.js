import { callback, invalid, key, notRunning, number, object, oneOf, text, url } from "./check.js";
import { CONTROL, delivery, flush, WHOLE } from "./delivery.js";
import { stringify } from "../core/json.js";
import { callQuietly, wallNow } from "../platform/host.js";
import { Missed } from "../platform/missed.js";
import { csvRow, KEY_MAX, members, valueOf, VALUE_MAX } from "../protocol/initial_state.js";
import { Rows } from "./rows.js";

const NAME_MAX = 250;

// As ISStreamer: 10 events, 3 attempts. It had no interval: a quiet stream arrived at the next flush.
const DEFAULTS = { flushInterval: 2000, maxAttempts: 3, concurrency: 1 };
const BUFFER_SIZE = 10;

/** Streams keys and values into buckets, in the form of Initial State. */
export class Streamer {
  #core;
  #bucketName;
  #bucketKey;
  #made = new Set();
  #debugLevel;
  #missed;
  #rows;
  #bufferSize;
  #closed = false;

  constructor(options) {
    options = object(options, "options");
    const accessKey = key(options.accessKey, "accessKey");
    const endpoint = url(options.endpoint ?? "https://groker.init.st", "endpoint");
    this.#bucketName = name(options.bucketName, "bucketName");
    this.#bucketKey = bucketKey(options.bucketKey);
    this.#debugLevel = oneOf(options.debugLevel, "debugLevel", [0, 1, 2, 3]);
    this.#bufferSize = number(options.bufferSize, "bufferSize", BUFFER_SIZE, 1);
    const onError = callback(options.onError, "onError");
    const stores = options.storage !== "none";
    this.#missed = new Missed(`${endpoint} ${accessKey}`, stores, () =>
      this.#warn("missed events are too many to be stored; the oldest gave way"),
    );
    const batchSize = number(options.batchSize, "batchSize", this.#bufferSize, 1);
    const headers = `Accept-Version: <=0.0.4\nX-IS-AccessKey: ${accessKey}\n`;
    const delivered = {
      ...options,
      batchSize: Math.min(batchSize, this.#bufferSize),
      fetch: this.#debugLevel > 2 ? told(callback(options.fetch, "fetch")) : options.fetch,
      onError: (error, events, buckets) => {
        this.#warn(error.message);
        this.#miss(events, buckets);
        if (onError) onError(error, events, buckets);
      },
    };
    this.#core = delivery(2, endpoint, headers, delivered, DEFAULTS);
    if (options.offline) this.#rows = new Rows(options, onError);
  }

  get bucketKey() {
    return (this.#bucketKey ??= this.#core.uuid());
  }

  log(key, value, epoch) {
    this.#running();
    this.#take([[logKey(key), logValue(value)]], this.#epoch(epoch));
  }

  logObject(value, options) {
    this.#running();
    const { keyPrefix, epoch } = object(options, "options");
    if (keyPrefix != null && typeof keyPrefix !== "string") {
      throw invalid('"keyPrefix" must be a string');
    }
    const [prefix, entries] = members(value) ?? [];
    if (!entries) throw invalid('"object" must be an array or an object');
    const start = keyPrefix ?? prefix;
    const pairs = entries.map(([key, value]) => [
      logKey(start ? `${start}_${key}` : String(key)),
      logValue(valueOf(value, stringify)),
    ]);
    this.#take(pairs, this.#epoch(epoch));
  }

  setBucket(options) {
    this.#running();
    const given = object(options, "options");
    this.#bucketName = name(text(given.bucketName, "bucketName"), "bucketName");
    this.#bucketKey = bucketKey(given.bucketKey);
    if (!this.#rows) this.#make();
  }

  flush(options) {
    return this.#flush(options, false);
  }

  close(options) {
    const done = this.#flush(options, true);
    this.#closed = true;
    return done;
  }

  ledger() {
    return this.#rows ? this.#rows.ledger() : this.#core.ledger();
  }

  async missedEvents() {
    return this.#missed.all();
  }

  async replayMissedEvents(options) {
    this.#running();
    for (const batch of this.#missed.take()) {
      for (const event of batch) {
        this.#make(batch.bucketKey);
        this.#core.offer(batch.bucketKey, stringify(event), WHOLE);
      }
    }
    return this.flush(options);
  }

  async exportCsv() {
    if (!this.#rows) throw invalid('"offline" must be true for a Streamer that exports CSV');
    return this.#rows.text();
  }

  #running() {
    if (this.#closed) throw notRunning("the streamer is closed");
  }

  /** A bucket is made once, before its first event. */
  #make(key = this.bucketKey) {
    if (this.#made.has(key)) return;
    this.#made.add(key);
    const isCurrent = key === this.#bucketKey;
    const bucketName = (isCurrent && this.#bucketName) || key;
    this.#core.offer(key, stringify({ bucketKey: key, bucketName }), CONTROL);
  }

  #take(pairs, epoch) {
    for (const [key, value] of pairs) {
      if (this.#debugLevel) console.log(`${new Date(wallNow()).toLocaleString()}: ${key} ${value}`);
      if (this.#rows) {
        this.#rows.push(csvRow(epoch, key, value), { key, value, epoch });
      } else {
        this.#make();
        this.#core.offer(this.bucketKey, stringify({ key, value, epoch }), WHOLE);
      }
    }
  }

  #epoch(epoch) {
    if (Number.isFinite(epoch)) return epoch;
    if (epoch != null) {
      if (this.#debugLevel > 1) throw invalid('"epoch" must be a number of seconds since 1970');
      this.#warn('"epoch" is no number of seconds since 1970: the time is now');
    }
    return wallNow() / 1000;
  }

  #flush(options, close) {
    if (this.#rows) return Promise.resolve(this.ledger());
    if (!this.#closed) this.#make();
    return flush(this.#core, options, close);
  }

  /** Keeps what was given up, by bucket, as bodies for the events API. */
  #miss(events, buckets) {
    const lists = new Map();
    events.forEach((event, at) => {
      const list = lists.get(buckets[at]) ?? [];
      lists.set(buckets[at], [...list, event]);
    });
    for (const [bucket, list] of lists) {
      for (let at = 0; at < list.length; at += this.#bufferSize) {
        this.#missed.add(bucket, list.slice(at, at + this.#bufferSize));
      }
    }
  }

  #warn(message) {
    if (this.#debugLevel) console.warn(`sluicebox: ${message}`);
  }
}

function name(value, argument) {
  if (value == null) return undefined;
  if (text(value, argument).length > NAME_MAX) {
    throw invalid(`"${argument}" must have at most ${NAME_MAX} characters`);
  }
  return value;
}

/** It travels in a header, and the service forbids three characters. */
function bucketKey(value) {
  if (name(value, "bucketKey") !== undefined && !/^[ -~]*$/.test(value.replace(/[:"']/g, "\n"))) {
    throw invalid(`"bucketKey" must be printable ASCII without : " '`);
  }
  return value ?? undefined;
}

function logKey(key) {
  if (text(key, "key").length > KEY_MAX) {
    throw invalid(`"key" must have at most ${KEY_MAX} characters, this one has ${key.length}`);
  }
  return key;
}

function logValue(value) {
  const carried = valueOf(value);
  if (carried === undefined) {
    throw invalid('"value" must be a string, a number or a boolean');
  }
  if (carried.length > VALUE_MAX) {
    throw invalid(
      `"value" must have at most ${VALUE_MAX} characters, this one has ${carried.length}`,
    );
  }
  return carried;
}

/** A fetch that prints each answer; the key is in the request only. */
const told =
  (own) =>
  async (...args) => {
    const response = await (own ?? fetch)(...args);
    const body = await response.clone().text();
    callQuietly(() => console.log(`sluicebox: ${response.status} ${args[0]} ${body}`));
    return response;
  };
