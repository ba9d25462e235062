import { invalid, key, notRunning, object, oneOf, text, url } from "./check.js";
import { delivery, flush } from "./delivery.js";
import { stringify } from "../core/json.js";
import { basic } from "../platform/host.js";
import { members } from "../protocol/rudderstack.js";
import { page } from "./page.js";

const TRACK = "track";
const PAGE = "page";
const SCREEN = "screen";

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
    this.#core = delivery(1, endpoint, basic(writeKey), options, {});
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
    const messageId = id(given.messageId, "messageId");
    const timestamp = time(given.timestamp);
    const anonymousId = id(given.anonymousId, "anonymousId") ?? this.anonymousId;
    const userId = id(given.userId, "userId");
    const json = (value) => (value === undefined ? undefined : stringify(value));
    const text = members({
      type: json(kind),
      timestamp: json(timestamp),
      channel: globalThis.document ? '"web"' : '"server"',
      anonymousId: json(anonymousId),
      userId: json(userId),
      [kind === TRACK ? "event" : "name"]: json(name),
      category: json(category),
      properties: stringify(object(properties, "properties")),
      context: stringify({
        page: pageContext,
        ...object(given.context, "options.context"),
        library,
      }),
      integrations: stringify(
        given.integrations ? object(given.integrations, "options.integrations") : { All: true },
      ),
    });
    const stream = userId ?? anonymousId;
    if (messageId === undefined) return this.#core.call(stream, `${text}}`);
    const own = { messageId: json(messageId), originalTimestamp: json(timestamp ?? now()) };
    this.#core.offer(stream, `{${members(own).slice(1)}${text}}`);
  }
}

const now = () => new Date().toISOString();

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
  return new Date(millis).toISOString();
}
