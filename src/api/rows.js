import { SluiceboxError } from "../core/error.js";
import { callQuietly } from "../platform/host.js";
import { number, oneOf } from "./check.js";

const ROWS_MAX = 10_000;
const BYTES_MAX = 16 * 1024 * 1024;

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
    this.#countMax = number(options.queueSize, "queueSize", ROWS_MAX, 1);
    this.#bytesMax = number(options.queueBytes, "queueBytes", BYTES_MAX, 1);
    const words = ["drop-oldest", "drop-newest"];
    this.#dropsNewest = oneOf(options.overflow, "overflow", words) === "drop-newest";
    this.#onError = onError;
  }

  push(row, event) {
    this.#accepted++;
    this.#bytes += row.length;
    this.#rows.push([row, event]);
    while (this.#rows.length > this.#countMax || this.#bytes > this.#bytesMax) {
      const [lost, event] = this.#dropsNewest ? this.#rows.pop() : this.#rows.shift();
      this.#bytes -= lost.length;
      const message =
        "the queue is full (queueSize, queueBytes); the overflow policy gave this row up";
      const error = new SluiceboxError("queue_full", "caller", message);
      if (this.#onError) callQuietly(this.#onError, error, [event], []);
    }
  }

  text() {
    return this.#rows.map(([row]) => row).join("");
  }

  ledger() {
    const [accepted, pending] = [this.#accepted, this.#rows.length];
    const dropped = accepted - pending;
    return { accepted, delivered: 0, rejected: 0, expired: 0, dropped, pending };
  }
}
