// sluicebox send: lines of JSON become events of a stream.
import { accessSync, constants, statSync } from "node:fs";
import { Collector } from "../index.js";
import { isName } from "../../../src/protocol/stride.js";
import { apiKey, number, parse, serverUrl, wrong } from "./arguments.js";
import { LINE_MAX, linesOf } from "./lines.js";
import { count, Progress } from "./progress.js";

const HELP = `Usage: sluicebox send URL [STREAM] [FILE...] [options]

Sends lines of JSON, an event each, to a server that collects for Stride (sluicebox serve does): in
batches, compressed, in order, and again until they are taken. An event without an $id is given one,
so that it is stored once. A line that is no JSON object is told with its number and left out.

  URL            base URL of the server, such as http://127.0.0.1:8080; its /v1 may be left out
  STREAM         a letter, then letters, digits or _ (default "default")
  FILE           read one after the other; those that end with .gz are unpacked; - is stdin
                 (default -)

  --key KEY      an API key that may write (default SLUICEBOX_KEY of the environment)
  --rate N       at most N events a second, from 0.001 (default no limit)
  --timeout S    seconds in which the server takes nothing before the rest is given up, from 1
                 (default 300)
  --strict       stop at the first line that is no JSON object
  --help         this text

Ctrl-C reads no more and delivers what is held; once more ends at once.
Exit codes: 0 all was delivered, 1 something was not, 2 wrong arguments, 130 ended by Ctrl-C.
`;

const OPTIONS = {
  key: { type: "string" },
  rate: { type: "string" },
  timeout: { type: "string" },
  strict: { type: "boolean" },
};

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

const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

export async function sendCommand(args) {
  const { values, positionals } = parse("send", OPTIONS, args, HELP);
  const [address, stream = "default", ...files] = positionals;
  const url = serverUrl("send", address);
  if (!isName(stream)) {
    wrong(`STREAM must be a letter, then letters, digits or _, not "${stream}"`);
  }
  const sending = new Sending({
    endpoint: /\/v\d+$/.test(url) ? url : `${url}/v1`,
    // A server without keys takes any.
    key: apiKey(values) ?? "none",
    stream,
    files: files.length ? files : ["-"],
    rate: number(values, "rate", 0.001, Infinity),
    patience: number(values, "timeout", 1, 300) * 1000,
    isStrict: values.strict ?? false,
  });
  process.exitCode = await sending.run();
}

/** The bytes of all files; undefined where one is no file. What cannot be read is an argument that is wrong. */
function sizeOf(files) {
  let total = 0;
  for (const file of files) {
    if (file === "-") {
      total = NaN;
      continue;
    }
    try {
      accessSync(file, constants.R_OK);
      const stats = statSync(file);
      if (stats.isDirectory()) wrong(`"${file}" is a folder`);
      total += stats.isFile() ? stats.size : NaN;
    } catch (error) {
      wrong(`"${file}" cannot be read: ${error.code ?? error.message}`);
    }
  }
  return total > 0 ? total : undefined;
}

class Sending {
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
    this.#size = sizeOf(options.files);
    this.#collector = new Collector(options.key, {
      endpoint: options.endpoint,
      storage: "none",
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
    let why = `a line of more than ${count(LINE_MAX)} characters`;
    if (text !== null) {
      try {
        const event = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
        if (event !== null && typeof event === "object" && !Array.isArray(event)) return event;
        why = "no JSON object";
      } catch (error) {
        why = `no JSON: ${error.message}`;
      }
    }
    this.#bad++;
    const where = path === "-" ? "line" : `${path}, line`;
    this.#tellSome("line", `${where} ${number}: ${why}`);
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
  async #fetch(...request) {
    let why;
    try {
      const response = await fetch(...request);
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
