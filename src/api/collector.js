import { collected, identified, isName } from "../protocol/stride.js";
import { invalid, key, notRunning, object, text } from "./check.js";
import { delivery, flush, WHOLE, WITHOUT_ID } from "./delivery.js";
import { eventText, parse, stringify } from "../core/json.js";
import { basic } from "../platform/host.js";
import { endpoint } from "./stride.js";

// As `pystride`: 0.25 s, 1000 events, 2 requests, 5 s. Its queue held calls; ours holds a burst.
const DEFAULTS = {
  flushInterval: 250,
  batchSize: 1000,
  queueSize: 100_000,
  // 64 MiB: a product would stay in bundles that do not use it.
  queueBytes: 67_108_864,
};

/** Batches events of Stride streams and delivers them. */
export class Collector {
  #core;
  #running = false;

  constructor(apiKey, options) {
    options = object(options, "options");
    this.#core = delivery(
      0,
      endpoint(options),
      basic(key(apiKey, "apiKey")),
      options,
      DEFAULTS,
      collected,
      identified,
    );
    this.#core.keep();
  }

  start() {
    this.#running = true;
    this.#core.start();
  }

  collect(stream, events) {
    if (!this.#running) throw notRunning("the collector is not running: call start() first");
    if (!isName(text(stream, "stream"))) {
      throw invalid(`"stream" "${stream}" is no name: a letter, then letters, digits or _`);
    }
    // All are checked before one is taken, so a bad event never leaves half an array behind.
    // A hole in an array is no event either, which `map` would leave out.
    const texts = Array.isArray(events) ? Array.from(events, objectText) : [objectText(events)];
    for (const text of texts) this.#core.offer(stream, ...identifiable(text));
  }

  flush(options) {
    return flush(this.#core, options, false);
  }

  stop(options) {
    const done = flush(this.#core, options, true);
    this.#running = false;
    return done;
  }

  ledger() {
    return this.#core.ledger();
  }
}

function objectText(event) {
  const text = eventText(event);
  if (text[0] === "{") return text;
  throw invalid('"events" must be a JSON object, or an array of them');
}

/**
 * [text, form]. Nearly always it has no id, and the search for the substring tells. One that is null is none:
 * a server would give the event another each time that it comes.
 */
function identifiable(text) {
  const event = text.includes('"$id":') ? parse(text) : {};
  if (event.$id === null) return [stringify({ ...event, $id: undefined }), WITHOUT_ID];
  return [text, event.$id === undefined ? WITHOUT_ID : WHOLE];
}
