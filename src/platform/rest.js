import { SluiceboxError } from "../core/error.js";
import { drain, listen } from "./connection.js";
import { basic, headers, retryAfter, TIMER_MAX } from "./host.js";

const EVENT_STREAM = "text/event-stream";
const escape = encodeURIComponent;

/** null where the runtime cannot compress. */
function gzip(text) {
  if (!globalThis.CompressionStream) return null;
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** One server that is asked and answers. */
export class Rest {
  #endpoint;
  #key;
  #headers;
  #fetch;
  #timeout;

  /** `timeout` in milliseconds; 0 means none. */
  constructor(endpoint, key, timeout, fetch) {
    this.#endpoint = endpoint;
    this.#key = key;
    this.#headers = key ? basic(key) : "";
    this.#timeout = Math.min(timeout, TIMER_MAX);
    this.#fetch = fetch;
  }

  /** Resolves to [status, body]. */
  async send(method, path, text, wantGzip) {
    const gzipped = wantGzip && text ? await gzip(text) : null;
    const init = { method, headers: headers(this.#headers, gzipped), body: gzipped ?? text };
    return this.#within(new AbortController(), path, init, async (response) => [
      response.status,
      await response.text(),
    ]);
  }

  /**
   * A request whose answer never ends. Resolves to { status: 200, ended } and hands what comes to
   * `take`, or to { status, text, wait } when it is refused, `wait` being Retry-After.
   */
  async follow(path, abort, take) {
    if (take.message && globalThis.EventSource) {
      const key = this.#key ? `${path.includes("?") ? "&" : "?"}key=${escape(this.#key)}` : "";
      const url = this.#endpoint + path + key;
      const opened = await listen(url, this.#timeout, abort, take);
      if (opened) return { status: 200, ...opened };
      // An EventSource does not say why it was refused.
    }
    // A body that is being read is cancelled: of one that is aborted as a chunk comes, Deno never
    // settles the read, which keeps the process, and Bun keeps the memory (oven-sh/bun#32659).
    const request = new AbortController();
    let reader;
    abort.signal.addEventListener("abort", () =>
      reader ? reader.cancel().catch(() => {}) : request.abort(),
    );
    const accept = take.message ? `accept: ${EVENT_STREAM}\n` : "";
    const init = { headers: headers(this.#headers + accept) };
    const answer = await this.#within(request, path, init, async (response) =>
      response.status === 200
        ? response
        : { status: response.status, text: await response.text(), wait: retryAfter(response) },
    );
    if (answer.status !== 200) return answer;
    if (accept && !answer.headers.get("content-type")?.startsWith(EVENT_STREAM)) {
      request.abort();
      const message = `${this.#endpoint} does not send ${EVENT_STREAM}: leave "via" out`;
      throw new SluiceboxError("rejected", "server", message, 200);
    }
    take.begin(answer.headers.get("last-event-id"));
    reader = answer.body?.getReader();
    return { status: 200, ended: reader && drain(reader, take.chunk, abort) };
  }

  async #within(abort, path, init, read) {
    let late = false;
    const timer =
      this.#timeout &&
      setTimeout(() => {
        late = true;
        abort.abort();
      }, this.#timeout);
    try {
      // Called as a plain function: a browser's fetch refuses any other `this`.
      const call = this.#fetch ?? fetch;
      return await read(await call(this.#endpoint + path, { ...init, signal: abort.signal }));
    } catch {
      throw late
        ? new SluiceboxError(
            "timeout",
            "transport",
            `no answer from ${this.#endpoint} within ${this.#timeout} ms`,
          )
        : new SluiceboxError("network", "transport", `could not reach ${this.#endpoint}`);
    } finally {
      clearTimeout(timer);
    }
  }
}
