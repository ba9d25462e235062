import { callback, flag, invalid, key, notRunning, number, object, text, url } from "./check.js";
import { CONTROL, delivery, flush, WHOLE } from "./delivery.js";
import { SluiceboxError } from "../core/error.js";
import { stringify } from "../core/json.js";
import { callQuietly, wallNow } from "../platform/host.js";
import { Missed } from "../platform/missed.js";
import { printing } from "../platform/print.js";
import * as rules from "../protocol/initial_state.js";
import { Rows } from "./rows.js";

// As ISStreamer: 10 events, 3 attempts. It had no interval: a quiet stream arrived at the next flush.
const DEFAULTS = { flushInterval: 2000, maxAttempts: 3, concurrency: 1 };
const BUFFER_SIZE = 10;

/** Streams keys and values into buckets, in the form of Initial State. */
export class Streamer {
  #core;
  #bucketName;
  #bucketKey;
  /** Keys of buckets that are not to be made again. */
  #made = new Set();
  /** Bucket key → name. */
  #names = new Map();
  #debugLevel;
  #mask;
  #missed;
  #rows;
  #onError;
  #closed = false;

  constructor(options) {
    options = object(options, "options");
    const accessKey = key(options.accessKey, "accessKey");
    const endpoint = url(options.endpoint ?? "https://groker.init.st", "endpoint");
    this.#bucketName = bucketName(options.bucketName);
    this.#bucketKey = bucketKey(options.bucketKey);
    this.#debugLevel = level(options.debugLevel);
    const offline = flag(options, "offline");
    const bufferSize = number(options.bufferSize, "bufferSize", BUFFER_SIZE, 1);
    const batchSize = number(options.batchSize, "batchSize", bufferSize, 1);
    const own = callback(options.fetch, "fetch");
    this.#onError = callback(options.onError, "onError");
    // A server may repeat the key it was sent.
    this.#mask = (text) => text.replaceAll(accessKey, "…");
    const stores = options.storage !== "none";
    const uuid = () => this.#core.uuid();
    this.#missed = new Missed(`${endpoint} ${accessKey}`, stores, bufferSize, uuid);
    const headers = `Accept-Version: <=0.0.4\nX-IS-AccessKey: ${accessKey}\n`;
    const delivered = {
      ...options,
      batchSize: Math.min(batchSize, bufferSize),
      fetch: this.#debugLevel > 2 ? printing(own, this.#mask) : own,
      onError: (error, events, buckets) => this.#miss(error, events, buckets),
    };
    this.#core = delivery(2, endpoint, headers, delivered, DEFAULTS, rules.logged);
    if (!offline) this.#core.keep();
    if (offline) this.#rows = new Rows(options, this.#onError);
  }

  get bucketKey() {
    return (this.#bucketKey ??= this.#core.uuid());
  }

  log(key, value, epoch) {
    this.#running();
    text(key, "key");
    const carried = rules.scalar(value);
    if (carried === undefined) {
      throw invalid('"value" must be a string, a number or a boolean');
    }
    this.#take([[key, carried]], epoch);
  }

  logObject(source, options) {
    this.#running();
    const { keyPrefix, epoch } = object(options, "options");
    if (keyPrefix != null && typeof keyPrefix !== "string") {
      throw invalid('"keyPrefix" must be a string');
    }
    const [prefix, entries] = rules.members(source) ?? [];
    if (!entries) throw invalid('"object" must be an array or an object; log() takes one value');
    const start = keyPrefix ?? prefix;
    const named = (key) => (start ? `${start}_${key}` : key);
    this.#take(
      entries.map(([key, value]) => [named(key), value]),
      epoch,
    );
  }

  setBucket(options) {
    this.#running();
    const given = object(options, "options");
    const name = bucketName(text(given.bucketName, "bucketName"));
    this.#bucketKey = bucketKey(given.bucketKey);
    this.#bucketName = name;
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
    return this.#missed.all().map(({ bucketKey, events }) =>
      // Beside the events, where it does not show in what is posted.
      Object.defineProperty(events, "bucketKey", { value: bucketKey }),
    );
  }

  replayMissedEvents(options) {
    this.#running();
    if (this.#rows) throw invalid('"offline" must not be set for a Streamer that replays');
    checkFlush(options);
    const batches = this.#missed.take();
    // What failed may have been the bucket.
    for (const { bucketKey } of batches) this.#made.delete(bucketKey);
    for (const { bucketKey, bucketName, events } of batches) {
      this.#make(bucketKey, bucketName ?? bucketKey);
      for (const event of events) this.#core.offer(bucketKey, stringify(event), WHOLE);
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
  #make(key = this.bucketKey, name = this.#bucketName) {
    if (this.#made.has(key)) return;
    this.#made.add(key);
    this.#names.set(key, name);
    this.#core.offer(key, stringify({ bucketKey: key, bucketName: name ?? key }), CONTROL);
  }

  /** All, or when one is not valid, none. */
  #take(pairs, given) {
    for (const [key, value] of pairs) {
      upTo(rules.KEY_MAX, text(key, "key"), "key");
      if (typeof value === "string") upTo(rules.VALUE_MAX, value, `value" of "${key}`);
    }
    const epoch = this.#epoch(given);
    for (const [key, value] of pairs) {
      if (this.#debugLevel) console.log(`${new Date(wallNow()).toLocaleString()}: ${key} ${value}`);
      const event = { key, value, epoch };
      if (this.#rows) {
        this.#rows.push(rules.csvRow(event), event, this.bucketKey);
      } else {
        this.#make();
        this.#core.offer(this.bucketKey, stringify(event), WHOLE);
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
    checkFlush(options);
    if (this.#rows) return Promise.resolve(this.ledger());
    // One that was tried before is tried again with its next event.
    if (!this.#closed && !this.#names.has(this.bucketKey)) this.#make();
    return flush(this.#core, options, close);
  }

  /** Keeps what was given up, by bucket, and tells of it. */
  #miss(error, events, buckets) {
    // No event: it was a bucket, and the next event tries again. Which one is not told; to make one
    // that is there already changes nothing.
    if (!events.length) this.#made.clear();
    const lists = new Map(buckets.map((bucket) => [bucket, []]));
    events.forEach((event, at) => lists.get(buckets[at]).push(event));
    const gone = [];
    for (const [bucket, list] of lists) {
      gone.push(...this.#missed.add(bucket, this.#names.get(bucket), list));
    }
    this.#tell(error, events, buckets);
    for (const { bucketKey, events } of gone) {
      const full = "the missed events are too many to be kept: the oldest batch gave way";
      const names = events.map(() => bucketKey);
      this.#tell(new SluiceboxError("storage", "caller", full), events, names);
    }
  }

  #tell(error, events, buckets) {
    this.#warn(error.message);
    if (this.#onError) callQuietly(this.#onError, error, events, buckets);
  }

  #warn(message) {
    if (this.#debugLevel) console.warn(`sluicebox: ${this.#mask(message)}`);
  }
}

function level(value) {
  if (![undefined, null, 0, 1, 2, 3].includes(value)) {
    throw invalid('"debugLevel" must be 0, 1, 2 or 3');
  }
  return value ?? 0;
}

/** Before anything is done for a flush that cannot be. */
const checkFlush = (options) => number(object(options, "options").timeout, "timeout");

function upTo(most, value, argument) {
  if (!rules.fits(value, most)) {
    const length = [...value].length;
    throw invalid(`"${argument}" must have at most ${most} characters, not ${length}`);
  }
  return value;
}

function bucketName(value) {
  return value == null
    ? undefined
    : upTo(rules.BUCKET_MAX, text(value, "bucketName"), "bucketName");
}

function bucketKey(value) {
  if (value == null) return undefined;
  if (!rules.isBucketKey(upTo(rules.BUCKET_MAX, text(value, "bucketKey"), "bucketKey"))) {
    throw invalid(`"bucketKey" must be printable ASCII without : " ' or spaces at its ends`);
  }
  return value;
}
