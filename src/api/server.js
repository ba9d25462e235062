import { StreamServer } from "../../pkg/dist/wasm/server/sluicebox.js";
import { SluiceboxError } from "../core/error.js";
import { stringify } from "../core/json.js";
import { readBody } from "../platform/body.js";
import { Remote } from "../platform/store.js";
import { invalid, object, text } from "./check.js";
import { VARY, corsHeaders, preflight } from "./cors.js";
import { LiveBodies } from "./live.js";
import { Records } from "./records.js";
import { serverOptions } from "./server_options.js";

/** What sluicebox/node calls instead of `fetch`. */
const ANSWER = Symbol.for("sluicebox.answer");

export function createServer(options) {
  return new Server(serverOptions(options));
}

class Server {
  #store;
  #options;
  #core;
  /** Where the store does not answer at once: what carries out its work. */
  #remote;
  #live;
  #closed = false;
  #records;

  constructor({ store, ...options }) {
    this.#store = store;
    this.#options = options;
    this.#records = new Records(options.log);
  }

  fetch = async (request) => {
    const { status, headers, body } = await this[ANSWER](request);
    // Cloudflare compresses JSON by itself, and would hold events back until a block of them is full.
    if (
      body instanceof ReadableStream &&
      globalThis.navigator?.userAgent === "Cloudflare-Workers"
    ) {
      headers.push(["content-encoding", "identity"]);
    }
    return new Response(body?.length === 0 ? null : body, { status, headers });
  };

  /**
   * The same for a host with cheaper requests and responses than `Request` and `Response`, such as
   * sluicebox/node: `headers` comes back as pairs, and `body` is bytes, a stream or null.
   */
  async [ANSWER](request) {
    const [path, query] = pathAndQuery(request.url);
    const seen = this.#records.request(request.method, path);
    let answer;
    try {
      const asked = this.#answer(request, query, seen);
      answer = await (/^\/healthz?$/.test(path) ? within(HEALTH_TIME, asked, UNWELL) : asked);
    } catch (error) {
      this.#records.failed(error);
      answer = { status: 500, headers: [], body: BROKEN };
    }
    this.#records.answered(seen, answer);
    return answer;
  }

  async #answer(request, query, seen) {
    const { method, path } = seen;
    if (this.#closed) {
      return { status: 503, headers: [RETRY_AFTER], body: CLOSING };
    }
    const origin = request.headers.get("origin");
    const { cors } = this.#options;
    const allowed = origin !== null && cors?.(origin);
    if (method === "OPTIONS") return preflight(request, path, origin, allowed);
    // Taken before the body is read: a request that came before close() is still answered.
    const core = this.#server();
    const remote = this.#remote;
    const limit = this.#options.maxBodyBytes;
    const [body, state] = await (request.read ? request.read(limit) : readBody(request, limit));
    seen.bytesIn = body.length;
    const header = (name) => request.headers.get(name) ?? undefined;
    const weight = remote?.enter(body.length);
    let answer;
    try {
      if (weight) await this.#opened();
      answer = core.handle(
        Date.now(),
        method,
        path,
        query,
        header("authorization"),
        header("accept"),
        header("last-event-id"),
        request.remoteAddress ?? header("cf-connecting-ip"),
        header("x-is-accesskey"),
        header("x-is-bucketkey"),
        header("accept-version"),
        body,
        state,
      );
      if (remote) answer = await remote.settle(answer, { refused: weight === 0 });
    } finally {
      if (weight) remote.leave(weight);
    }
    const { status, live } = answer;
    seen.protocol = answer.protocol;
    seen.stored = answer.stored;
    seen.refused = answer.refused;
    seen.pages = answer.pages;
    const names = answer.headers;
    const headers = [];
    for (let at = 0; at < names.length; at += 2) headers.push([names[at], names[at + 1]]);
    if (status === 503 || status === 507) headers.push(RETRY_AFTER);
    if (cors) headers.push(VARY);
    if (allowed) headers.push(...corsHeaders(origin));
    const isSse = names.includes("text/event-stream");
    const begin = isSse && names[names.indexOf("last-event-id") + 1];
    let content = live
      ? this.#live.open(live, begin, (bytes) => this.#records.ended(seen, bytes))
      : answer.body();
    if (path === "/metrics" && status === 200) {
      content = this.#records.numbers(this.#live.size, remote?.waitingBytes ?? 0);
    }
    answer.free();
    this.#live.wake();
    return { status, headers, body: content };
  }

  async insert(event, options) {
    const { stream, date, id } = object(options, "options");
    const json = stringify(event);
    if (json[0] !== "{") throw invalid('"event" must be an object');
    if (stream != null) text(stream, "stream");
    if (id != null) text(id, "id");
    if (date != null && !(date instanceof Date && date.getTime() === date.getTime())) {
      throw invalid('"date" must be a valid Date');
    }
    const at = date?.getTime();
    const insert = (core) =>
      blamed("event", () =>
        core.insert(Date.now(), json, stream ?? undefined, at, id ?? undefined),
      );
    const stored = await this.#text(insert, json.length, "event");
    this.#live.wake();
    return stored;
  }

  async items(query) {
    const { start = 0, end = 20, where, stream } = object(query, "query");
    for (const [name, value] of Object.entries({ start, end })) {
      if (value !== null && !Number.isSafeInteger(value)) {
        throw invalid(`"${name}" must be a whole number`);
      }
    }
    if (stream != null && typeof stream !== "string") throw invalid('"stream" must be a string');
    const filters = stringify(object(where, "where"));
    const items = (core) => core.items(start ?? 0, end ?? undefined, filters, stream ?? undefined);
    return JSON.parse(await this.#text(items, filters.length, "where"));
  }

  /** Ends every live body; whole answers are given already. */
  async close() {
    this.#closed = true;
    this.#live?.end();
    await this.#remote?.idle();
  }

  #server() {
    if (this.#closed) {
      throw new SluiceboxError("not_running", "caller", "the server is closed");
    }
    // Made at the first call: edge runtimes refuse randomness at import.
    return (this.#core ??= this.#made());
  }

  #made() {
    const { apiKeys, dedupeWindow, maxBodyBytes, rateLimit, maxSubscriptions } = this.#options;
    const { kind, keys, dialect, name, maxBytes = 0, driver } = this.#store;
    const core = new StreamServer({
      kind,
      keys,
      dialect,
      name,
      maxBytes,
      maxEventBytes: driver?.maxEventBytes,
      apiKeys,
      dedupeWindow,
      maxBodyBytes,
      rateLimit,
      maxSubscriptions,
      seed: [...crypto.getRandomValues(new Uint32Array(4))],
    });
    if (driver) {
      const { storeTimeout: timeout, maxWaitingBytes: maxBytes } = this.#options;
      this.#remote = new Remote(this.#store, core, {
        timeout,
        maxBytes,
        failed: this.#records.failed,
      });
    }
    this.#live = new LiveBodies(core, this.#remote);
    return core;
  }

  /** A store that cannot be opened answers everything as one that failed. */
  async #opened() {
    try {
      await this.#remote?.open();
    } catch (error) {
      this.#records.failed(error);
    }
  }

  /** The text of an answer outside of any protocol; `name` is the argument that may be at fault. */
  async #text(ask, length, name) {
    const since = performance.now();
    const core = this.#server();
    const remote = this.#remote;
    const weight = remote?.enter(length);
    let answer;
    try {
      if (weight) await this.#opened();
      answer = ask(core);
      if (remote) answer = await remote.settle(answer, { refused: weight === 0 });
    } finally {
      if (weight) remote.leave(weight);
    }
    const { status } = answer;
    this.#records.asked(answer, since);
    const text = new TextDecoder().decode(answer.body());
    answer.free();
    if (status === 200) return text;
    if (status === 400 || status === 413) throw invalid(`"${name}": ${text}`);
    throw new SluiceboxError("storage", status === 507 ? "caller" : "server", text);
  }
}

/** Milliseconds until the store must have said that it works. */
const HEALTH_TIME = 5000;

/** Seconds after which who met a store that is away or full may try again. */
const RETRY_AFTER = ["retry-after", "2"];

const UNWELL = {
  status: 503,
  headers: [["content-type", "text/plain; charset=utf-8"]],
  body: new TextEncoder().encode(`the store did not answer within ${HEALTH_TIME} ms\n`),
};
const BROKEN = new TextEncoder().encode("the server has failed\n");

/** What `work` resolves to, or `late` when that takes too long. */
async function within(ms, work, late) {
  let timer;
  const limit = new Promise((resolve) => (timer = setTimeout(resolve, ms, late)));
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

const CLOSING = new TextEncoder().encode("the server is closing\n");

/** What the module refuses with a sentence is this argument's fault. */
function blamed(name, work) {
  try {
    return work();
  } catch (error) {
    throw typeof error === "string" ? invalid(`"${name}": ${error}`) : error;
  }
}

/** Where a request goes, without the cost of a URL object. */
function pathAndQuery(url) {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("//") + 2);
  const fragment = url.indexOf("#");
  const whole = url.slice(start < 0 ? url.length : start, fragment < 0 ? undefined : fragment);
  const mark = whole.indexOf("?");
  return mark < 0 ? [whole, ""] : [whole.slice(0, mark), whole.slice(mark + 1)];
}
