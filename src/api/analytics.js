import {
  callback,
  flag,
  invalid,
  key,
  notRunning,
  number,
  object,
  oneOf,
  text,
  url,
} from "./check.js";
import { delivery, flush, WHOLE, WITHOUT_ID } from "./delivery.js";
import { copied, stringify } from "../core/json.js";
import { basic, callQuietly, wallNow } from "../platform/host.js";
import { watchNavigation } from "../platform/navigation.js";
import { automatic, hasGpc, hasPage, place } from "../platform/page.js";
import {
  batch,
  batchEnd,
  contextOver,
  EVENT_BYTES_MAX,
  identified,
  library,
} from "../protocol/rudderstack.js";
import { SluiceboxError } from "../core/error.js";
import { Visitor } from "./visitor.js";

/** RudderStack's; so is keeping the session over tabs. */
const SESSION_MS = 30 * 60_000;

const CONSENTS = ["granted", "wait", "refuse"];

/** Who users are and what they do, in the form of RudderStack. */
export class Analytics {
  #core;
  #visitor = new Visitor(() => this.#core.uuid());
  #web = hasPage();
  #stores;
  #consent;
  #before;
  #automatic;
  #sessionTimeout;
  #known = {};
  #unwatch;
  #closed = false;

  constructor(options) {
    options = object(options, "options");
    const writeKey = key(options.writeKey, "writeKey");
    const endpoint = url(options.dataPlaneUrl, "dataPlaneUrl");
    this.#before = callback(options.before, "before");
    this.#automatic = this.#web && (options.automaticContext ?? true);
    const session = options.session === false ? { timeout: 0 } : object(options.session, "session");
    const timeout = number(session.timeout, "session.timeout", SESSION_MS);
    this.#sessionTimeout = this.#web && timeout;
    const consent = oneOf(options.consent, "consent", CONSENTS);
    for (const name of ["automaticContext", "respectGpc", "trackPages"]) flag(options, name);
    this.#core = delivery(
      1,
      endpoint,
      basic(writeKey),
      options,
      {},
      batch,
      identified,
      encodeURIComponent(writeKey),
      batchEnd,
    );
    this.#stores = this.#web && options.storage !== "none";
    // The signal is the visitor's own word; what the page says later by setConsent is too.
    this.#consented(hasGpc() && (options.respectGpc ?? true) ? "refuse" : consent);
    if (this.#web && options.trackPages) {
      this.#unwatch = watchNavigation(`${writeKey}@${endpoint}`, () => this.page());
    }
  }

  /** identify(userId, traits?, options?) or identify(traits, options?) */
  identify(...args) {
    // Without an id, or with null for it, the user stays who it is.
    if (args[0] && typeof args[0] === "object") args.unshift(null);
    const [userId, traits, options] = args;
    const altered = [];
    const identity = { traits: plain(traits, "traits", altered, ["context", "traits"]) };
    if (userId !== null) identity.userId = id(userId, "userId", true);
    this.#accept("identify", {}, options, altered, identity);
  }

  track(event, properties, options) {
    this.#accept(
      "track",
      { type: "track", event: text(event, "event"), properties: object(properties, "properties") },
      options,
    );
  }

  /** page([category,] name?, properties?, options?) */
  page(...args) {
    this.#seen("page", args);
  }

  /** screen([category,] name, properties?, options?) */
  screen(...args) {
    text(args[0], "name");
    this.#seen("screen", args);
  }

  /** group(groupId, traits?, options?); with traits or null first the group stays what it is */
  group(...args) {
    if (args[0] && typeof args[0] === "object") args.unshift(null);
    let [first, traits, options] = args;
    const groupId = first === null ? undefined : id(first, "groupId", true);
    const altered = [];
    traits = plain(traits, "traits", altered);
    this.#accept("group", { groupId, traits }, options, altered);
  }

  alias(userId, previousId, options) {
    userId = id(userId, "userId", true);
    const { userId: known, anonymousId } = this.#visitor.refresh();
    previousId = id(previousId, "previousId") ?? known ?? anonymousId;
    this.#accept("alias", { previousId }, { ...object(options, "options"), userId });
  }

  reset(options) {
    this.#visitor.reset(options === true || object(options, "options").anonymousId);
  }

  setConsent(consent) {
    consent = oneOf(text(consent, "consent"), "consent", CONSENTS);
    if (consent === "refuse") {
      this.#core.discard();
      if (this.#stores) this.#visitor.forget();
    }
    this.#consented(consent);
  }

  get userId() {
    return this.#visitor.refresh().userId ?? null;
  }

  get anonymousId() {
    return this.#visitor.refresh().anonymousId;
  }

  flush(options) {
    return flush(this.#core, options, false);
  }

  close(options) {
    const done = flush(this.#core, options, true);
    this.#closed = true;
    this.#unwatch?.();
    return done;
  }

  ledger() {
    return this.#core.ledger();
  }

  #consented(consent) {
    // A client that was never held back has nothing to start: nothing happens at construction.
    if (consent !== "granted") flush(this.#core, { timeout: 1 }, true);
    else if (this.#consent && !this.#closed) this.#core.start();
    if (consent === "granted") this.#core.keep();
    this.#consent = consent;
    this.#visitor.persist(this.#stores && consent === "granted");
  }

  #seen(type, args) {
    const names = [];
    // A category, or a name, that is left out.
    if (args[0] == null) args.shift();
    while (typeof args[0] === "string" && names.length < 2) names.push(args.shift());
    const name = names.pop();
    const category = names.pop();
    const altered = [];
    const given = plain(args[0], "properties", altered);
    const isPage = type === "page" && this.#automatic;
    const page = isPage && { ...automatic().page, ...this.#visitor.refresh().initial };
    const properties = { ...page, name, category, ...given };
    // The page that its own call describes is that page.
    const told = Object.keys(page || {}).filter((name) => given[name]);
    const changed = told.length && {
      page: Object.fromEntries(told.map((name) => [name, given[name]])),
    };
    this.#accept(type, { name, category, properties }, args[1], altered, undefined, changed);
  }

  #accept(type, own, options, altered = [], identity, context) {
    if (this.#closed) throw notRunning("the client is closed");
    const given = object(options, "options");
    const messageId = id(given.messageId, "options.messageId");
    const timestamp = time(given.timestamp);
    let userId = id(given.userId, "options.userId");
    const anonymousId = id(given.anonymousId, "options.anonymousId");
    const more =
      given.context != null && plain(given.context, "options.context", altered, ["context"]);
    const integrations = object(given.integrations, "options.integrations");
    if (this.#consent === "refuse") return;

    const visitor = this.#visitor;
    const now = wallNow();
    visitor.refresh(false, now);
    // On a server, a call that names its user is about nobody else.
    const isAlone = !this.#web && (userId ?? anonymousId) !== undefined;
    if (identity) {
      visitor.identify((userId = identity.userId ?? userId), identity.traits);
      if (isAlone) context = { traits: identity.traits };
    }
    if (type === "group" && !isAlone) own = visitor.group(own.groupId, own.traits);
    const base = this.#base(isAlone, now);
    const isNamed = isAlone || anonymousId;
    let text = `,${stringify(own.type ? own : { type, ...own }, altered).slice(1, -1)}`;
    if (timestamp) text += `,"timestamp":"${timestamp}"`;
    let { tail } = base;
    const isOwn = given.context || context || altered.length;
    if (isNamed || userId || isOwn || given.integrations) {
      const whole = isOwn && contextOver(contextOver(base.context, context), more);
      if (altered.length) whole.altered = altered;
      const ids = isNamed || userId ? this.#ids(isAlone, anonymousId, userId) : base.ids;
      tail = tailOf(ids, isOwn ? stringify(whole) : base.text, given.integrations && integrations);
    }
    // One browser's events stay in order also when its visitor becomes known.
    const stream = isAlone ? (userId ?? anonymousId) : base.stream;
    this.#offer(stream, messageId, timestamp, text, tail);
  }

  /** The members that say whose event it is. */
  #ids(isAlone, anonymousId, userId) {
    const { userId: user, anonymousId: visitor } = isAlone ? {} : this.#visitor;
    userId ??= user;
    if (this.#web || userId === undefined) anonymousId ??= visitor;
    let text = `,"channel":"${this.#web ? "web" : "server"}"`;
    if (anonymousId !== undefined) text += `,"anonymousId":${stringify(anonymousId)}`;
    if (userId !== undefined) text += `,"userId":${stringify(userId)}`;
    return text;
  }

  #offer(stream, messageId, timestamp, text, tail) {
    const length = text.length + tail.length;
    if (length > EVENT_BYTES_MAX) {
      const message = `the event has ${length} characters, RudderStack takes ${EVENT_BYTES_MAX}`;
      throw new SluiceboxError("payload_too_large", "caller", message);
    }
    if (!messageId && !timestamp && !this.#before) {
      return this.#core.offer(stream, text, WITHOUT_ID, tail);
    }
    messageId ??= this.#core.uuid();
    timestamp ??= new Date(wallNow()).toISOString();
    let event = `{"messageId":${stringify(messageId)},"originalTimestamp":"${timestamp}"${text}${tail}`;
    if (this.#before) {
      // What it throws is its own; an event that it did not see through must not leave.
      const seen = callQuietly(this.#before, JSON.parse(event));
      event = stringify(seen);
      if (event[0] !== "{") return;
    }
    this.#core.offer(stream, event, WHOLE);
  }

  /** What needs no call, as text too; made anew only when something in it changed. */
  #base(isAlone, now) {
    const visitor = this.#visitor;
    const session = this.#sessionTimeout ? visitor.session(this.#sessionTimeout, now) : undefined;
    const { URL: url, title } = this.#automatic ? place() : {};
    let known = this.#known;
    if (
      known.session !== session ||
      known.version !== visitor.version ||
      known.isAlone !== isAlone ||
      known.url !== url ||
      known.title !== title
    ) {
      const context = { traits: isAlone ? undefined : visitor.traits, ...session, library };
      if (this.#automatic) {
        Object.assign(context, automatic());
        Object.assign(context.page, visitor.initial);
      }
      const ids = isAlone ? "" : this.#ids(false);
      const stream = this.#web ? visitor.anonymousId : (visitor.userId ?? visitor.anonymousId);
      // Read last: what is made on the way is a change too.
      const { version } = visitor;
      const text = stringify(context);
      const tail = tailOf(ids, text);
      known = { session, version, isAlone, url, title, context, text, ids, stream, tail };
      this.#known = known;
    }
    return known;
  }
}

/** The end of an event's text: mostly the same for all events of a page. */
const tailOf = (ids, context, integrations = { All: true }) =>
  `${ids},"context":${context},"integrations":${stringify(integrations)}}`;

/** A copy of what the caller may change later; a date, as what else is a text in JSON, has no members. */
const plain = (value, name, altered, path = [name]) =>
  object(copied(object(value, name), altered, path), name);

/** Ids are texts on the wire; numbers are taken too. */
function id(value, name, must) {
  if (value == null && !must) return undefined;
  if (
    !(typeof value === "number"
      ? Number.isFinite(value)
      : typeof value === "string" && value.trim())
  ) {
    throw invalid(`"${name}" must be a non-empty string or a number`);
  }
  return String(value);
}

function time(value) {
  if (value == null) return undefined;
  // A number would be taken for a year.
  const text = typeof value === "number" ? "" : value;
  const millis = value instanceof Date ? value.getTime() : Date.parse(text);
  if (!(millis >= 0)) {
    throw invalid('"options.timestamp" must be a Date or an ISO 8601 text from 1970 on');
  }
  return new Date(millis).toISOString();
}
