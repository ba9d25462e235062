// From lines to delivered events. A line stays the text that it is: to the collector it is the member `line` of an
// event, and what is sent has it in the place of that event.
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Collector } from "../index.js";
import { identified } from "../../../src/protocol/stride.js";
import { LINE_MAX, linesOf } from "./lines.js";
import { count, plural, Progress } from "./progress.js";

/**
 * What is held at most, well within the queue of the collector, so that none gives way: a character is at
 * most three bytes, and one line may come on top.
 */
const HELD_EVENTS = 50_000;
const HELD_CHARACTERS = 12 * 1024 * 1024;
/** Milliseconds between two looks at the ledger. */
const LOOK = 10;
/** Messages about lines and about events; more are only counted. */
const MESSAGES_MAX = 10;

/** In the place of the id of an event whose line has one. */
const OWN = true;

const pack = promisify(gzip);

/** The body that a collector made, with the lines in the places of their events. */
const textsOf = (body) =>
  `[${JSON.parse(body).map(({ $id, line }) => ($id === OWN ? line : identified(line, $id)[0]))}]`;

/** One run of `send`: reads, hands to a collector what it has room for, and tells. */
export class Sending {
  #options;
  #size;
  #collector;
  #progress;
  #since = performance.now();
  /** Bytes read, events taken, lines that are none. */
  #read = 0;
  #taken = 0;
  #bad = 0;
  /** Groups that are not settled: [events taken with it, characters]. */
  #groups = [];
  #characters = 0;
  /** Why nothing more is read. */
  #end;
  #reading = new AbortController();
  #isInterrupted = false;
  #messages = { line: 0, event: 0 };
  /** When the server last took something, or nothing waited. */
  #moved = performance.now();
  #settled = 0;
  #isAway = false;

  constructor(options) {
    this.#options = options;
    this.#size = options.size;
    this.#collector = new Collector(options.key, {
      endpoint: options.endpoint,
      storage: "none",
      // Done below, after the texts are in their places.
      compression: "none",
      fetch: (...request) => this.#fetch(...request),
      onError: (error, events) => this.#refused(error, events),
    });
  }

  async run() {
    const interrupt = () => this.#interrupt();
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, interrupt);
    this.#progress = new Progress(() => this.#state());
    this.#collector.start();
    for (const file of this.#options.files) {
      if (this.#end) break;
      await this.#file(file);
    }
    // What is left of a batch need not wait for more.
    this.#collector.flush();
    await this.#wait(() => this.#pending() === 0, true);
    // Whatever was given up is not sent any more.
    await this.#collector.stop({ timeout: 1 });
    this.#progress.end();
    return this.#sum();
  }

  async #file(path) {
    try {
      const read = (bytes) => (this.#read += bytes);
      for await (const [first, texts] of linesOf(path, read, this.#reading.signal)) {
        await this.#lines(path, first, texts);
        if (this.#end) return;
      }
    } catch (error) {
      this.#stop(`"${path}" cannot be read on: ${error.code ?? error.message}`);
    }
  }

  /** Takes lines, as many at a time as the rate allows and the queue holds. */
  async #lines(path, first, texts) {
    let [events, characters] = [[], 0];
    const take = () => {
      this.#collector.collect(this.#options.stream, events);
      this.#taken += events.length;
      this.#characters += characters;
      this.#groups.push([this.#taken, characters]);
      [events, characters] = [[], 0];
    };
    for (const [at, text] of texts.entries()) {
      if (this.#end) return;
      if (text !== null && !text.trim()) continue;
      const event = this.#parsed(path, first + at, text);
      if (this.#end) break;
      if (!event) continue;
      // One at a time where each has its time, else together.
      const isFull = events.length >= 1000 || characters > 1e6;
      if (events.length && (isFull || this.#options.rate < Infinity)) take();
      if (!events.length) await this.#room();
      if (this.#end) return;
      events.push(event);
      characters += text.length;
    }
    if (events.length) take();
  }

  #parsed(path, number, text) {
    const where = `${path === "-" ? "" : `${path}, `}line ${number}`;
    let why = `a line of more than ${count(LINE_MAX)} characters`;
    if (text !== null) {
      try {
        // Without the byte order mark, too.
        const line = text.trim();
        const event = JSON.parse(line);
        if (event !== null && typeof event === "object" && !Array.isArray(event)) {
          if (Object.hasOwn(event, "$id")) return { $id: OWN, line };
          return { line: Object.keys(event).length ? line : "{}" };
        }
        why = "no JSON object";
      } catch (error) {
        why = `no JSON: ${error.message}`;
      }
    }
    this.#bad++;
    this.#tellSome("line", `${where}: ${why}`);
    if (this.#options.isStrict) this.#stop("stopped at the first bad line (--strict)");
    return undefined;
  }

  /** Until there is room for one more, and time for it. */
  async #room() {
    const { rate } = this.#options;
    if (!this.#hasRoom()) await this.#wait(() => this.#hasRoom());
    const due = this.#since + (this.#taken * 1000) / rate;
    if (due > performance.now()) await this.#wait(() => performance.now() >= due);
  }

  #hasRoom() {
    return this.#pending() < HELD_EVENTS && this.#characters < HELD_CHARACTERS;
  }

  #pending() {
    const pending = this.#collector.ledger().pending;
    const settled = this.#taken - pending;
    if (settled !== this.#settled || pending === 0) this.#moved = performance.now();
    this.#settled = settled;
    // Events of one stream are settled in their order.
    while (this.#groups.length && this.#groups[0][0] <= settled) {
      this.#characters -= this.#groups.shift()[1];
    }
    return pending;
  }

  /** Looks until `isDone()`, or until nothing more is to be hoped for. */
  async #wait(isDone, isLast = false) {
    while (!isDone()) {
      if (!isLast && this.#end) return;
      if (this.#pending() && performance.now() - this.#moved > this.#options.patience) {
        const seconds = this.#options.patience / 1000;
        return this.#stop(`the server took nothing for ${seconds} s, the rest is given up`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  }

  #stop(why) {
    if (this.#end) return;
    this.#end = why;
    this.#progress.tell(why);
    // Else what waits for a line that never comes would wait for ever.
    this.#reading.abort();
  }

  #interrupt() {
    if (this.#isInterrupted) {
      this.#progress.end();
      process.exit(this.#sum());
    }
    this.#isInterrupted = true;
    const pending = this.#pending();
    this.#stop(
      `what is held (${plural(pending, "event")}) is delivered now; Ctrl-C again ends at once`,
    );
  }

  /** The global fetch, which tells when the server cannot be reached and when it can again. */
  async #fetch(url, { body, headers, ...init }) {
    let why;
    try {
      const packed = await pack(textsOf(body));
      headers = { ...headers, "content-encoding": "gzip" };
      const response = await fetch(url, { ...init, headers, body: packed });
      if (response.status < 429 || (response.status < 500 && response.status > 429)) {
        if (this.#isAway) this.#progress.tell("the server answers again");
        this.#isAway = false;
        return response;
      }
      why = `answers with status ${response.status}`;
      return response;
    } catch (error) {
      why = `cannot be reached (${error.cause?.code ?? error.name})`;
      throw error;
    } finally {
      if (why && !this.#isAway) {
        this.#isAway = true;
        this.#progress.tell(`${this.#options.endpoint} ${why}, trying again`);
      }
    }
  }

  #refused(error, events) {
    if (error.code === "unauthorized") {
      return this.#stop(`the server does not let this --key write: ${error.message}`);
    }
    this.#tellSome("event", `${plural(events.length, "event")}: ${error.code}: ${error.message}`);
  }

  #tellSome(kind, sentence) {
    const told = ++this.#messages[kind];
    if (told <= MESSAGES_MAX) this.#progress.tell(sentence);
    if (told === MESSAGES_MAX) this.#progress.tell("more of this kind are only counted");
  }

  #state() {
    const { delivered, rejected, pending } = this.#collector.ledger();
    const share = this.#size && this.#read / this.#size;
    const [read, bad] = [this.#read, this.#bad];
    return { share, delivered, rejected, waiting: pending, read, bad };
  }

  /** Prints the ledger; the exit code. */
  #sum() {
    const { delivered, rejected, expired, dropped, pending } = this.#collector.ledger();
    const lost = rejected + expired + dropped + pending;
    const seconds = (performance.now() - this.#since) / 1000;
    const parts = [
      `${plural(this.#taken, "event")}: ${count(delivered)} delivered`,
      `${count(rejected)} rejected`,
      `${count(expired + dropped + pending)} not delivered`,
      plural(this.#bad, "bad line"),
      `${seconds.toFixed(1)} s (${count(delivered / seconds)}/s)`,
    ];
    console.log(parts.join(", "));
    if (this.#isInterrupted) return 130;
    return lost || this.#bad || this.#end ? 1 : 0;
  }
}
