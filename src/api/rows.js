import { SluiceboxError } from "../core/error.js";
import { callQuietly } from "../platform/host.js";
import { number, oneOf } from "./check.js";

const COUNT_MAX = 10_000;
/** 16 MiB; as a product a bundler would keep it in a page that has no Streamer. */
const BYTES_MAX = 16_777_216;

/** What is logged offline: bounded as a queue, and accounted for as one. */
export class Rows {
  #countMax;
  #bytesMax;
  #dropsNewest;
  #onError;
  #rows = [];
  #bytes = 0;
  #accepted = 0;

  constructor(options, onError) {
    this.#countMax = number(options.queueSize, "queueSize", COUNT_MAX, 1);
    this.#bytesMax = number(options.queueBytes, "queueBytes", BYTES_MAX, 1);
    const words = ["drop-oldest", "drop-newest"];
    this.#dropsNewest = oneOf(options.overflow, "overflow", words) === "drop-newest";
    this.#onError = onError;
  }

  /** `event` and `bucket` are what is told when the row is given up. */
  push(text, event, bucket) {
    const row = { text, event, bucket, bytes: new TextEncoder().encode(text).length };
    this.#accepted++;
    this.#rows.push(row);
    this.#bytes += row.bytes;
    if (row.bytes > this.#bytesMax) {
      return this.#drop(true, "the row is larger than the whole queue (queueBytes)");
    }
    while (this.#rows.length > this.#countMax || this.#bytes > this.#bytesMax) {
      this.#drop(
        this.#dropsNewest,
        "the queue is full (queueSize, queueBytes); the overflow policy gave this row up",
      );
    }
  }

  text() {
    return this.#rows.map(({ text }) => text).join("");
  }

  ledger() {
    const [accepted, pending] = [this.#accepted, this.#rows.length];
    const dropped = accepted - pending;
    return { accepted, delivered: 0, rejected: 0, expired: 0, dropped, pending };
  }

  #drop(newest, message) {
    const { event, bucket, bytes } = newest ? this.#rows.pop() : this.#rows.shift();
    this.#bytes -= bytes;
    const error = new SluiceboxError("queue_full", "caller", message);
    if (this.#onError) callQuietly(this.#onError, error, [event], [bucket]);
  }
}
