import { invalid, key, notRunning, object, oneOf, text, url } from "./check.js";
import { delivery, flush } from "./delivery.js";
import { stringify } from "../core/json.js";
import { page } from "./page.js";

const TRACK = 0;
const PAGE = 1;
const SCREEN = 2;

/** What users do, in the form of RudderStack. */
export class Analytics {
  #core;
  #anonymousId;
  #closed = false;

  constructor(options) {
    options = object(options, "options");
    const writeKey = key(options.writeKey, "writeKey");
    const endpoint = url(options.dataPlaneUrl, "dataPlaneUrl");
    // An option that keeps data back is never ignored.
    for (const name of ["before", "trackPages", "session"]) {
      if (options[name]) throw invalid(`"${name}" is not supported by this version`);
    }
    oneOf(options.consent, "consent", ["granted"]);
    this.#core = delivery(1, endpoint, writeKey, options, {});
  }

  track(event, properties, options) {
    this.#accept(TRACK, text(event, "event"), undefined, properties, options);
  }

  /** page([category,] name?, properties?, options?) */
  page(...args) {
    this.#seen(PAGE, args);
  }

  /** screen([category,] name, properties?, options?) */
  screen(...args) {
    text(args[0], "name");
    this.#seen(SCREEN, args);
  }

  get userId() {
    return null;
  }

  get anonymousId() {
    return (this.#anonymousId ??= this.#core.uuid());
  }

  flush(options) {
    return flush(this.#core, options, false);
  }

  close(options) {
    const done = flush(this.#core, options, true);
    this.#closed = true;
    return done;
  }

  ledger() {
    return this.#core.ledger();
  }

  #seen(kind, args) {
    const names = [];
    while (typeof args[0] === "string" && names.length < 2) names.push(args.shift());
    // Left out, but not at the end.
    if (names.length === 0 && args[0] == null) args.shift();
    const name = names.pop();
    const category = names.pop();
    const properties = object(args[0], "properties");
    const context = kind === PAGE ? page() : undefined;
    this.#accept(
      kind,
      name,
      category,
      { ...context, name, category, ...properties },
      args[1],
      context,
    );
  }

  #accept(kind, name, category, properties, options, pageContext) {
    if (this.#closed) throw notRunning("the client is closed");
    const given = object(options, "options");
    let context;
    if (pageContext || given.context) {
      // The library's own part is not the caller's to change.
      context = stringify({
        page: pageContext,
        ...object(given.context, "options.context"),
        library,
      });
    }
    this.#core.call(
      kind,
      name,
      category,
      properties === undefined ? "{}" : stringify(object(properties, "properties")),
      id(given.anonymousId, "anonymousId") ?? this.anonymousId,
      id(given.userId, "userId"),
      id(given.messageId, "messageId"),
      time(given.timestamp),
      context,
      given.integrations && stringify(object(given.integrations, "options.integrations")),
    );
  }
}

const library = { name: "sluicebox", version: "0.1.0" };

/** Ids are texts on the wire; numbers are taken too. */
function id(value, name) {
  if (value == null) return undefined;
  if (
    !(typeof value === "number"
      ? Number.isFinite(value)
      : typeof value === "string" && value.trim())
  ) {
    throw invalid(`"options.${name}" must be a non-empty string or a number`);
  }
  return String(value);
}

function time(value) {
  if (value == null) return undefined;
  const millis = value instanceof Date ? value.getTime() : Date.parse(value);
  if (!(millis >= 0)) {
    throw invalid('"options.timestamp" must be a Date or an ISO 8601 text from 1970 on');
  }
  return millis;
}
