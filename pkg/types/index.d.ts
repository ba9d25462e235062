/**
 * sluicebox: events from where they happen to where they belong, without losing any.
 *
 * Importing does nothing by itself: no I/O, timers, randomness or global changes before the first
 * call. Every class can be used at once after `new`; there is no init to await. A bad argument
 * throws a SluiceboxError at once; the network never makes an event call throw.
 *
 * Times are milliseconds and sizes are bytes unless a name says otherwise.
 */

/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** How a buffered client keeps and sends events. A value out of range throws `invalid_argument`. */
export interface DeliveryOptions {
  /**
   * Longest time an event waits before it is sent, from 0. Default: 500, Collector 250.
   * A full batch is sent earlier.
   */
  flushInterval?: number;
  /** Most events in one request, from 1. Default: 100, Collector 1000. */
  batchSize?: number;
  /**
   * Most bytes of events in one request, before compression, from 1. Default: 500,000.
   * More are split into several requests; one event that is larger goes alone.
   */
  batchBytes?: number;
  /** Most events held, from 1. Default: 10,000, Collector 100,000. At the limit: see `overflow`. */
  queueSize?: number;
  /** Most bytes of events held, from 1. Default: 16 MiB, Collector 64 MiB. At the limit: see `overflow`. */
  queueBytes?: number;
  /**
   * Which event gives way when the queue is full. Default: "drop-oldest", the one that waits
   * longest and is not in flight. It is counted as `dropped` and told to `onError`.
   */
  overflow?: "drop-oldest" | "drop-newest";
  /** Requests in flight at once, from 1. Default: 2. */
  concurrency?: number;
  /** A request that has not answered by then has failed and is retried, from 1. Default: 5000. */
  timeout?: number;
  /**
   * Attempts for one batch, from 1. Default: no limit, until `maxAge`.
   * At the limit its events are counted as `expired` and told to `onError`.
   */
  maxAttempts?: number;
  /**
   * Age at which an undelivered event is given up, from 1. Default: 7 days.
   * It is counted as `expired` and told to `onError`.
   */
  maxAge?: number;
  /** Whether request bodies are compressed where the protocol allows it. Default: "gzip". */
  compression?: "gzip" | "none";
  /** Where events wait. In this version both words mean memory: not one byte is written. */
  storage?: "auto" | "none";
  /** Edge runtimes: how to keep the request alive until what it tracked is delivered. */
  waitUntil?: (work: Promise<unknown>) => void;
  /** Replaces the global fetch. Default: the global fetch at the time of each request. */
  fetch?: typeof globalThis.fetch;
  /**
   * Told of events that will not be delivered, and why. They come exactly as they were accepted;
   * `streams` names the stream, bucket or user of each. The message has the server's own words.
   */
  onError?: (error: SluiceboxError, events: Json[], streams: string[]) => void;
}

/** Always balances: accepted = delivered + rejected + expired + dropped + pending. */
export interface Ledger {
  /** Taken by an event call. */
  accepted: number;
  /** Acknowledged by the server. */
  delivered: number;
  /** Refused by the server for good (4xx). */
  rejected: number;
  /** Gave up: maxAge or maxAttempts. */
  expired: number;
  /** Given up by the overflow policy. */
  dropped: number;
  /** Still held here, waiting or in flight. */
  pending: number;
}

/** What every buffered client can do. */
export interface Delivers {
  /**
   * Sends everything held now. Resolves when each event is settled, or after `timeout`
   * (default 30,000) with what is still pending.
   */
  flush(options?: { timeout?: number }): Promise<Ledger>;
  /** The counts now. */
  ledger(): Ledger;
}

/** The one error class. */
export class SluiceboxError extends Error {
  /**
   * Stable: "invalid_argument", "invalid_path", "not_running", "unauthorized",
   * "payload_too_large", "rate_limited", "queue_full", "expired", "rejected", "network",
   * "timeout", "storage", "wasm_unavailable", "consent_refused".
   */
  readonly code: string;
  /** Who is to blame: the code that called, the far end, or what lies between. */
  readonly fault: "caller" | "server" | "transport";
  /** The HTTP status, where an answer caused the error. */
  readonly statusCode?: number;
}

/** What a REST call resolves to, whatever the status. */
export interface StrideResponse<Data = Json | null> {
  readonly statusCode: number;
  /** The JSON the server returned; null when the body was empty. */
  readonly data: Data;
}

export interface SubscribeOptions {
  /** At most this many events a second, sampled by the server. Default: all. */
  sample?: number;
  /** Ends the subscription when aborted. */
  signal?: AbortSignal;
  /** "stream": fetch and newline-delimited JSON, with the key in a header. The only way so far. */
  via?: "stream";
  /** Continue after this event id. Default: what comes from now on. */
  after?: string;
  /** Reconnect by itself, without gaps where the server can resume. Default: true. */
  reconnect?: boolean;
}

/** Events as they come: `for await (const event of subscription)`. */
export interface Subscription extends AsyncIterable<Json> {
  readonly state: "connecting" | "open" | "waiting" | "closed";
  /** Id of the last event handed out, for `after`. */
  readonly lastEventId: string | null;
  /** Ends the request at once. */
  close(): void;
}

/** The REST client of a Stride service. */
export class Stride {
  /** `timeout`: for one request, default 30,000, 0 for none. `endpoint`: the base URL. */
  constructor(
    apiKey: string,
    options?: { endpoint?: string; timeout?: number; fetch?: typeof globalThis.fetch },
  );
  get(path: string): Promise<StrideResponse>;
  post(path: string, json: unknown): Promise<StrideResponse>;
  put(path: string, json: unknown): Promise<StrideResponse>;
  delete(path: string): Promise<StrideResponse>;
  /** `data` is a Subscription when statusCode is 200, else the server's JSON or null. */
  subscribe(
    path: string,
    options?: SubscribeOptions,
  ): Promise<StrideResponse<Subscription | Json | null>>;
}

/** Collects events of streams in batches. */
export class Collector implements Delivers {
  constructor(apiKey: string, options?: DeliveryOptions & { endpoint?: string });
  /** Events are taken from now on. */
  start(): void;
  /** Takes one event or an array of them. Throws not_running before start() and after stop(). */
  collect(stream: string, events: unknown | unknown[]): void;
  flush(options?: { timeout?: number }): Promise<Ledger>;
  /** Delivers what is held, then stops. */
  stop(options?: { timeout?: number }): Promise<Ledger>;
  ledger(): Ledger;
}

/** Sets the event's `$id`: the server stores an id once. */
export function setId(event: object, id: string | number): void;
/** Sets the event's `$timestamp`, now unless given. Dates before 1970 throw. */
export function setTimestamp(event: object, timestamp?: Date): void;

/** What a visitor, or the law, allows. */
export type Consent = "granted" | "wait" | "refuse";

export interface AnalyticsOptions extends DeliveryOptions {
  /** The source's write key: printable ASCII without ":" or spaces. */
  writeKey: string;
  /** Base URL of the server that takes the events, without a query. They go to its `/v1/batch`. */
  dataPlaneUrl: string;
  /**
   * Calls `page()` on load and on every in-app navigation that changes path, query, or a fragment
   * that begins with `#/` or `#!`; once each, also for a page that comes back from the
   * back/forward cache and for a second client of the same key. Uses the Navigation API, or the
   * history where there is none. Default: false. Means nothing outside a page.
   */
  trackPages?: boolean;
  /**
   * Adds to the context: page, campaign (`utm_*`), locale, timezone, screen, user agent and client
   * hints (secure pages only). Default: true in a page; elsewhere it means nothing.
   */
  automaticContext?: boolean;
  /**
   * Sessions in the form of RudderStack's browser SDK, one for all tabs. `timeout`: inactivity
   * that ends one, in milliseconds, default 1,800,000 (30 minutes), 0 as false. Default: on in a
   * page, none elsewhere.
   */
  session?: false | { timeout?: number };
  /**
   * "wait": events are held in memory, nothing is sent and nothing stored until
   * `setConsent("granted")`. "refuse": calls are taken and forgotten. Default: "granted".
   */
  consent?: Consent;
  /**
   * Begin with "refuse" where the browser sends the Global Privacy Control signal; a later
   * `setConsent("granted")` is the visitor's own word and goes before it. Default: true.
   */
  respectGpc?: boolean;
  /**
   * Sees every event, whole, before it is held or stored: returns it, changed or not; anything that
   * is not an object discards it. An event is discarded too when this throws; the error goes to the
   * console. Default: none.
   */
  before?: (event: Json) => Json | null;
}

/** What one event may say beside its own arguments. */
export interface EventOptions {
  /** Default: the user that `identify` named. */
  userId?: string | number;
  /**
   * Default: the visitor's. Outside a page a call that names a user, or an anonymous id, carries
   * only what it names: one client serves many users.
   */
  anonymousId?: string;
  /** Merged two levels deep over what the client knows by itself; `library` is the client's own. */
  context?: object;
  /** Which destinations. Default: `{ All: true }`. */
  integrations?: object;
  /** When it happened: a Date, or ISO 8601, from 1970 on. Default: now. */
  timestamp?: Date | string;
  /** The server stores an id once. Default: a random UUID. */
  messageId?: string;
}

/**
 * Who users are and what they do, in the form of RudderStack (event specification and HTTP API).
 *
 * In a page the visitor's ids, traits and session are kept as RudderStack's browser SDK keeps them
 * (cookies `rl_*` for the whole site, local storage where cookies are refused or too small), so a
 * site can switch in either direction; `storage: "none"` keeps them in memory. Elsewhere everything
 * is in memory.
 *
 * Every call throws `invalid_argument` for a bad argument, `payload_too_large` for an event of more
 * than 4,095,000 characters (the gateway takes 4,096,000 bytes a request), and `not_running` after
 * `close()`. What JSON cannot say becomes null or text, and `context.altered` names where.
 */
export class Analytics implements Delivers {
  constructor(options: AnalyticsOptions);
  /**
   * Names the user and what is known of it. Traits are merged with those of before; a user other
   * than before begins anew, as after `reset()`.
   */
  identify(userId: string | number, traits?: object, options?: EventOptions): void;
  /** More about the user there is. */
  identify(traits: object, options?: EventOptions): void;
  /** Something was done. */
  track(event: string, properties?: object, options?: EventOptions): void;
  /** A page was seen. In a page its address, title and referrer are added to the properties. */
  page(category: string, name: string, properties?: object, options?: EventOptions): void;
  page(name?: string, properties?: object, options?: EventOptions): void;
  /** A screen of an app was seen. */
  screen(category: string, name: string, properties?: object, options?: EventOptions): void;
  screen(name: string, properties?: object, options?: EventOptions): void;
  /** The user belongs to a group. Its traits are merged with those of before. */
  group(groupId: string | number, traits?: object, options?: EventOptions): void;
  /** Two ids are one user. `previousId` defaults to the user id there is, else the anonymous id. */
  alias(userId: string | number, previousId?: string | number, options?: EventOptions): void;
  /**
   * Forgets user, traits, group and session. `anonymousId: true` makes a new anonymous id too;
   * default: it is kept, as in RudderStack's SDK.
   */
  reset(options?: { anonymousId?: boolean }): void;
  /**
   * "granted": what waited is sent, and what is known is stored. "wait": as the option of that name.
   * "refuse": what waits is dropped (`consent_refused` to `onError`) and what was stored is removed.
   */
  setConsent(consent: Consent): void;
  /** The user, where known. */
  readonly userId: string | null;
  /** The visitor's id, made when first needed. */
  readonly anonymousId: string;
  flush(options?: { timeout?: number }): Promise<Ledger>;
  /** Delivers what is held, then stops: later events throw not_running. */
  close(options?: { timeout?: number }): Promise<Ledger>;
  ledger(): Ledger;
}

export interface ItemsQuery {
  /** Slice of the newest-first list: [start, end). Default: 0 and 20. */
  start?: number;
  end?: number;
  /**
   * A value, or a list of values any of which matches; several keys must all match.
   * The keys "start" and "end" cannot be filtered by.
   */
  where?: {
    [key: string]: string | number | boolean | Array<string | number | boolean>;
  };
}

/** The client of a stream server. */
export class StreamClient {
  /** `timeout`: for one request, default 30,000, 0 for none. */
  constructor(
    url: string,
    options?: { apiKey?: string; timeout?: number; fetch?: typeof globalThis.fetch },
  );
  /** Resolves to the new event's id, or null where the server gives none. */
  insert(event: object, options?: { date?: Date }): Promise<string | null>;
  /** A slice of the newest-first list of events. */
  items(query?: ItemsQuery): Promise<Json[]>;
  /** Events as they come. */
  subscribe(query?: { where?: ItemsQuery["where"] } & SubscribeOptions): Promise<Subscription>;
}
