import { SluiceboxError } from "../core/error.js";
import { basic, gzip, headers } from "./host.js";

/** The longest delay a timer takes. */
const TIMER_MAX = 0x7fffffff;

/** One server that is asked and answers. */
export class Rest {
  #endpoint;
  #headers;
  #fetch;
  #timeout;

  /** `timeout` in milliseconds; 0 means none. */
  constructor(endpoint, key, timeout, fetch) {
    this.#endpoint = endpoint;
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

  /** A request whose answer never ends: resolves to the Response when its head is there. */
  open(path, abort) {
    const init = { headers: headers(this.#headers) };
    return this.#within(abort, path, init, (response) => response);
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
