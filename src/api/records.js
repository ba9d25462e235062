// What the server remembers and tells of what it did.

import { errorLine, logger } from "./log.js";
import { Metrics, PROTOCOLS } from "./metrics.js";

export class Records {
  #metrics = new Metrics();
  #log;
  /** Lines for requests cost something, and nobody may want them. */
  #wantsRequests;

  constructor(log) {
    this.#log = logger(log);
    this.#wantsRequests = log !== undefined;
  }

  /** A request whose answer is on its way; `#answer` of the server fills the rest in. */
  request(method, path) {
    const since = performance.now();
    return { since, method, path, protocol: 0, bytesIn: 0, stored: 0, refused: 0, pages: 0 };
  }

  /** Its answer. A live body is told of when it has ended. */
  answered(request, { status, body }) {
    this.#metrics.answered(request, status, performance.now() - request.since);
    if (!(body instanceof ReadableStream)) this.#tell(request, status, body?.length ?? 0);
  }

  ended(request, bytesOut) {
    this.#tell(request, 200, bytesOut);
  }

  /** What came without HTTP, at `since`. */
  asked({ stored, refused, pages }, since) {
    this.#metrics.asked(stored, refused, pages, performance.now() - since);
  }

  /** The store failed. */
  failed = (error) => {
    this.#metrics.failed();
    this.#log(errorLine(error));
  };

  /** In Prometheus' text format. */
  numbers(live, waitingBytes) {
    return new TextEncoder().encode(this.#metrics.text(live, waitingBytes));
  }

  #tell({ since, method, path, protocol, bytesIn, stored }, status, bytesOut) {
    if (!this.#wantsRequests) return;
    this.#log({
      time: new Date().toISOString(),
      level: "info",
      method,
      path,
      protocol: PROTOCOLS[protocol],
      status,
      ms: Math.round((performance.now() - since) * 1000) / 1000,
      bytesIn,
      bytesOut,
      stored,
    });
  }
}
