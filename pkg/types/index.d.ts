/**
 * sluicebox: events from where they happen to where they belong, without losing any.
 *
 * Importing does nothing by itself: no I/O, timers, randomness or global changes before the first
 * call. Every class can be used at once after `new`; there is no init to await. A bad argument
 * throws a SluiceboxError at once; the network never makes an event call throw.
 *
 * Times are milliseconds and sizes are bytes unless a name says otherwise.
 */

// What the runtime's own types know, or anything, so that a project without them compiles too.
type Fetch = typeof globalThis extends { fetch: infer Known } ? Known : (...all: any[]) => any;
type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Known } } ? Known : any;
export {};

/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * A place for undelivered events that outlives the client: an append log of records, whose bytes are
 * only to be kept. A store is for one client at a time; its calls come one after the other. Every
 * failure is a promise that rejects; what it rejects with is in the message that `onError` is told.
 *
 * Ready ones: `fileStore()` of "sluicebox/node", `durableObjectStore()`.
 */
export interface EventStore {
  /**
   * Adds records behind all that are there; all of them or none. A record has what was new at once, from
   * some bytes to all that is held: `queueBytes` and a little more.
   */
  append(records: Uint8Array[]): Promise<void>;
  /**
   * All records that are there, oldest first; [] where there are none. Called when the client begins to
   * keep, which sends nothing before it has them, for 5,000 ms at most; then, and when it rejects, the
   * client goes on in memory and leaves the store alone. Called again only after a call that failed.
   */
  load(): Promise<Uint8Array[]>;
  /** Removes the `count` oldest, from 1 to all that are there. */
  remove(count: number): Promise<void>;
}

/** How a buffered client keeps and sends events. A value out of range throws `invalid_argument`. */
export interface DeliveryOptions {
  /**
   * Longest time an event waits before it is sent, from 0. Default: 500, Collector 250, Streamer 2000.
   * A full batch is sent earlier, as is in a page what the client takes in the task of its first event:
   * its answer tells, before the page may leave, whether the server is there.
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
  /**
   * Where events wait until they are delivered, beside memory. Default: "auto". Whatever it is,
   * `queueSize`, `queueBytes` and `maxAge` bound what waits.
   *
   * "auto": in a page, in IndexedDB (database "sluicebox"), where they outlive the page: a reload, a
   * crash, the end of the browser. What an earlier visit or a tab that is gone has left is delivered by
   * the next page, or within about a second by another open tab, with the same protocol, endpoint and
   * headers. The names of entries show no key; the events are stored as they are, for every script of
   * the origin to read. Where a page has no IndexedDB or no Web Locks (no secure context) and outside
   * of pages: in memory alone. What stores is loaded after the page's first call; what the page
   * has before that is stored as soon as it is there. `Analytics` stores once consent is granted.
   *
   * "none": in memory alone. Not one byte is written.
   *
   * An `EventStore`: there. For one client.
   *
   * A place that fails is told to `onError` once (`storage`, with no events), and what is in memory
   * is delivered all the same. A write that failed is tried again with what comes next after a
   * pause of 2 s, twice as long each time, up to 60 s; a place that could not be opened or read is left alone.
   */
  storage?: "auto" | "none" | EventStore;
  /**
   * Edge runtimes: how to keep the request alive until what it tracked is delivered. Called once for
   * a burst, with a promise that ends after at most 25,000 ms; what is not delivered by then goes with
   * the next request. For a client at module scope in a Worker: `waitUntil` of "cloudflare:workers".
   * Default: none.
   */
  waitUntil?: (work: Promise<unknown>) => void;
  /** Replaces the global fetch. Default: the global fetch at the time of each request. */
  fetch?: Fetch;
  /**
   * Whether the console is told, by `console.debug` and in words, what becomes of each event: accepted, sent
   * in which request and when again, answered, taken over from an earlier visit or another tab, handed over
   * as the page left, delivered or given up and why. Names and ids of events are shown, keys and headers never.
   * What explains is loaded for this alone; nothing is sent before it is there. Default: false.
   */
  debug?: boolean;
  /**
   * Told of events that will not be delivered, and why. They come exactly as they were accepted;
   * `streams` names the stream, bucket or user of each. The message has the server's own words.
   * With `storage` the list of events is empty: they are held and delivered, but would not outlive the
   * client. With `wasm_unavailable` the core, as WebAssembly and as JavaScript, could not be had, or
   * failed twice at this event. Default: none.
   */
  onError?: (error: SluiceboxError, events: Json[], streams: string[]) => void;
}

/**
 * Always balances: accepted = delivered + rejected + expired + dropped + pending. Counted since the client
 * was made, or since its core last trapped: then from what was held.
 */
export interface Ledger {
  /** Taken by an event call, or taken over from `storage`. */
  accepted: number;
  /** Acknowledged by the server; or handed over by a page that left, and the next answer was a good one. */
  delivered: number;
  /** Refused by the server for good (4xx). */
  rejected: number;
  /** Gave up: maxAge or maxAttempts. */
  expired: number;
  /** Given up by the overflow policy, by consent, or because no core could be had. */
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
  /** The HTTP status, from 200 to 599. */
  readonly statusCode: number;
  /** The JSON the server returned; null when the body was empty. */
  readonly data: Data;
}

/** How to follow. A value out of range throws `invalid_argument` at the call. */
export interface SubscribeOptions {
  /**
   * Most events a second, counted by the server for this subscription, a whole number up to
   * 4,294,967,295. Default and 0: all. What is over the limit is left out for good.
   * Source: the `sample` of Stride's clients.
   */
  sample?: number;
  /**
   * Ends the subscription when aborted: before the server has answered, `subscribe` rejects with the
   * signal's reason; later the loop ends as after `close()`. Default: none.
   */
  signal?: Signal;
  /**
   * How events come. Default: "stream". That is fetch and newline-delimited JSON, with the key in a
   * header; a slow reader slows the server down. "eventsource": server-sent events through the runtime's EventSource, which
   * cannot send headers: **the key is part of the URL then** (`?key=`), where proxies and logs may
   * see it. It is not slowed down but closed and opened again, uses no `fetch` of yours, and costs
   * about ten times the processor time of an event in Chromium. For networks that let
   * nothing else through. Where there is no EventSource (Node.js), or it is refused, fetch reads the same
   * messages, with the key in a header. A server without them rejects with `rejected`.
   */
  via?: "stream" | "eventsource";
  /** Continue after the event of this id, as `lastEventId` has it. Default: what comes from now on. */
  after?: string;
  /**
   * Whether to connect again when the connection breaks, ends, or brings nothing for 45 to 60 s, not
   * even a keep-alive. It waits at random up to 250 ms, then 500 ms and so on to 30 s, and at least
   * what `Retry-After` says, and goes on after the last event that came: without gap or repeat where
   * the server keeps events, as the stream server does. 408, 425, 429 and 5xx are tried again, any
   * other status ends the subscription with `rejected`. Default: true. With false, the loop ends
   * with the connection.
   */
  reconnect?: boolean;
}

/**
 * Events as they come: `for await (const event of subscription)`. Leaving the loop closes it.
 *
 * When more than 1,024 events or 1 MiB wait to be read, no more is taken from the network until half
 * of that is read. A malformed line is left out, as is one of more than 16 Mi characters.
 *
 * `Event`: what the caller says an event is. Nothing checks it when it comes.
 */
export interface Subscription<Event = Json> extends AsyncIterable<Event> {
  /** "waiting": for the next attempt to connect. "closed": what came before may still be read. */
  readonly state: "connecting" | "open" | "waiting" | "closed";
  /** Id of the last event handed out, for `after`; that option until then, or null. */
  readonly lastEventId: string | null;
  /** Ends the request at once, and the loop; what was not read is thrown away. */
  close(): void;
}

/** How to reach a Stride service. A value out of range throws `invalid_argument`. */
export interface StrideOptions {
  /** The base URL with the version, without a query. Default: "https://api.stride.io/v1". */
  endpoint?: string;
  /**
   * Milliseconds for one request, and for a subscription until it is answered, from 0, which is no
   * limit. Default: 30,000, as in `pystride`. At the limit the promise rejects with `timeout`.
   */
  timeout?: number;
  /** Replaces the global fetch. Default: the global fetch at the time of each request. */
  fetch?: Fetch;
}

/**
 * The REST client of a Stride service. The key goes into the Authorization header, never into a URL.
 *
 * Paths begin with `/collect`, `/process` or `/analyze`, without the version; those that none of the
 * official clients (`pystride` 0.1.6, `gostride` 0.1, `stride.js` 1.2.3) allows for a method throw
 * `invalid_path` before anything is sent. Names are a letter, then letters, digits or `_`.
 *
 * A promise resolves whatever the status is, and rejects with `network` or `timeout` when there was
 * no answer. Nothing is sent again: a request may have been done though its answer was lost.
 */
export class Stride {
  /**
   * `apiKey`: printable ASCII without ":" or spaces. Throws `invalid_argument` for it, or an option, that
   * is none.
   */
  constructor(apiKey: string, options?: StrideOptions);
  /**
   * `/collect`, `/process` and `/analyze`, one of them, its `/stats` or `/results`; a query may follow.
   * `Data`: what the caller says the answer is, where it is a good one. Nothing checks it when it comes.
   */
  get<Data = Json | null>(path: string): Promise<StrideResponse<Data>>;
  /**
   * Sends JSON; writes to `/collect` are compressed, as the official clients do. What JSON cannot
   * say becomes null or text; `undefined` and functions throw `invalid_argument`.
   */
  post(path: string, json: unknown): Promise<StrideResponse>;
  /** Replaces a process or a saved query. */
  put(path: string, json: unknown): Promise<StrideResponse>;
  /** Drops a stream, a process or a saved query. */
  delete(path: string): Promise<StrideResponse>;
  /**
   * Follows `/collect/<stream>` or `/process/<name>`; `/subscribe` is added. When `statusCode` is not
   * 200, `data` is the server's JSON or null, as from `get`. The first attempt is not repeated: it
   * rejects with `network` or `timeout` when there is no answer. `Event`: as that of `Subscription`.
   */
  subscribe<Event = Json>(
    path: string,
    options?: SubscribeOptions,
  ): Promise<StrideResponse<Subscription<Event>>>;
}

/**
 * Defaults that differ from those of `DeliveryOptions`, after `pystride`: flushInterval 250, batchSize
 * 1000; and room for a burst: queueSize 100,000, queueBytes 64 MiB.
 */
export interface CollectorOptions extends DeliveryOptions {
  /** The base URL with the version, without a query. Default: "https://api.stride.io/v1". */
  endpoint?: string;
}

/**
 * Collects events of Stride's streams in batches: one request for a flush, whatever number of
 * streams it has. An event without an `$id` is given a random one, so that what is sent twice is
 * stored once. Order is kept within each stream, over retries too.
 *
 * `Streams` names the streams there are and what their events look like, which the compiler then
 * checks: `new Collector<{ clicks: { x: number; y: number } }>("key")`. Default: any stream, any event.
 */
export class Collector<
  Streams extends { [Stream in keyof Streams]: unknown } = Record<string, unknown>,
> implements Delivers {
  /**
   * `apiKey`: as that of `Stride`; an open key is enough. Throws `invalid_argument` for it, or an option,
   * that is none.
   */
  constructor(apiKey: string, options?: CollectorOptions);
  /** Events are taken from now on. Starting twice does nothing. */
  start(): void;
  /**
   * Takes one event or an array of them; all or, when one is no object, none (`invalid_argument`).
   * What JSON cannot say becomes null or text, named in the event's `$altered`. Throws `not_running`
   * before start() and after stop().
   */
  collect<Stream extends keyof Streams & string>(
    stream: Stream,
    events: Streams[Stream] | ReadonlyArray<Streams[Stream]>,
  ): void;
  /**
   * Sends everything held now. Resolves when each event is settled, or after `timeout` milliseconds
   * (default 30,000) with what is still pending.
   */
  flush(options?: { timeout?: number }): Promise<Ledger>;
  /** Delivers what is held, then stops; start() goes on. `timeout`: as that of flush(). */
  stop(options?: { timeout?: number }): Promise<Ledger>;
  /** The counts now. */
  ledger(): Ledger;
}

/** Sets the event's `$id`, a non-empty text or a number: the server stores an id once. */
export function setId(event: object, id: string | number): void;
/** Sets the event's `$timestamp`, RFC 3339 in UTC; now unless given. An invalid Date throws. */
export function setTimestamp(event: object, timestamp?: Date): void;

/**
 * Defaults that differ from those of `DeliveryOptions`: flushInterval 2000 (ISStreamer has none: a
 * quiet stream should arrive too), maxAttempts 3 (as ISStreamer), concurrency 1. `batchSize` is
 * `bufferSize`, or the smaller of both. `compression` means nothing: no official client compresses.
 */
export interface StreamerOptions extends DeliveryOptions {
  /** The account's access key: printable ASCII without ":" or spaces, sent in a header only. */
  accessKey: string;
  /** 1 to 250 characters. Default: the bucket key. The service keeps the name a bucket has. */
  bucketName?: string;
  /**
   * 1 to 250 characters of printable ASCII without `:` `"` `'` or a space at an end; one key is one
   * bucket of the account. Default: a random UUID, made when first needed.
   */
  bucketKey?: string;
  /** Events buffered before they are sent, from 1, and the most in one request. Default: 10. */
  bufferSize?: number;
  /**
   * Base URL, without a query. Default: https://groker.init.st. Requests go to its `/api/buckets`
   * and `/api/events`.
   */
  endpoint?: string;
  /**
   * Nothing is sent: rows are kept in memory, bounded by `queueSize` and `queueBytes` (of CSV), and
   * exportCsv() returns them. At the limit: see `overflow`. Default: false.
   */
  offline?: boolean;
  /**
   * 0 quiet. 1 prints what is logged, and warnings. 2 also throws where level 1 warns of an
   * argument. 3 also prints status and body of each response. The access key is never printed.
   * Default: 0.
   */
  debugLevel?: 0 | 1 | 2 | 3;
  /**
   * "auto": undelivered events wait as `DeliveryOptions` says; and in a page, missed events are kept in
   * local storage, in entries whose names begin with `sluicebox.missed.` and show no key. "none": not
   * one byte is written. Default: "auto".
   */
  storage?: "auto" | "none";
}

/**
 * Streams keys and values into buckets, in the form of Initial State (Events API; the calls and
 * headers of ISStreamer 2.0.0).
 *
 * Nothing is sent before the first call. A bucket is made before its first event, by setBucket(), or
 * by a flush() or close() before any event; when that fails `onError` is told with an empty list,
 * and the next event tries again. Order is kept within a bucket, over retries too.
 *
 * `onError` is told of each event that is refused (`rejected`, `unauthorized`, `payload_too_large`;
 * the message has the server's words), not taken in `maxAttempts` (`expired`) or given up by
 * `overflow` (`queue_full`). Such events are kept as missed events; when these are too many, the
 * oldest batch gives way (`storage`).
 */
export class Streamer implements Delivers {
  /** Throws `invalid_argument` for an option of a wrong type or out of its limits. */
  constructor(options: StreamerOptions);
  /** Of the current bucket. */
  readonly bucketKey: string;
  /**
   * Logs one value. `key`: 1 to 250 characters (ISStreamer; the Events API recommends 100). `value`:
   * text of at most 2000 characters, a number or a boolean; NaN, an infinity, a BigInt and a Date
   * are carried as text. `epoch`: seconds since 1970, default now; one that is no number is replaced
   * by now, and throws from debugLevel 2 on. Throws `invalid_argument`, or `not_running` after
   * close().
   */
  log(key: string, value: string | number | boolean, epoch?: number): void;
  /**
   * Logs each member, all or, when one is not valid as in log(), none. Array, typed array, Set →
   * prefix_0, prefix_1 …; plain object, Map → prefix_member; an instance → prefix_member, its
   * class's getters too. One timestamp for all. What is an object itself is carried as its JSON
   * text; null, undefined and a getter that throws as "null"; methods are left out.
   *
   * `keyPrefix` default: "list" for arrays, "dict" for plain objects, the class name for instances
   * (a minifier may shorten it); "" for none. `epoch`: as that of log(). Throws as log() does, also
   * for what is no object.
   */
  logObject(object: object, options?: { keyPrefix?: string; epoch?: number }): void;
  /**
   * Later events go to this bucket; those logged before still go to theirs. `bucketKey` default: a
   * random UUID. Throws `invalid_argument`, or `not_running` after close().
   */
  setBucket(options: { bucketName: string; bucketKey?: string }): void;
  /**
   * Sends everything held now. Resolves when each event is settled, or after `timeout` milliseconds
   * (default 30,000) with what is still pending; offline at once, and the rows stay.
   */
  flush(options?: { timeout?: number }): Promise<Ledger>;
  /**
   * Delivers what is held, then stops: later events throw not_running. What is still pending at the
   * timeout is not sent any more. `timeout`: as that of flush().
   */
  close(options?: { timeout?: number }): Promise<Ledger>;
  /** The counts now. */
  ledger(): Ledger;
  /**
   * Batches that could not be shipped, oldest first, each a body ready to POST to the events API, of
   * at most `bufferSize` events; its bucket is in its property `bucketKey`, which JSON does not show.
   * In a page they are those of all tabs with this endpoint and access key, and survive a reload
   * (local storage, 1 MiB, unless `storage` is "none"); elsewhere, and where storage fails, they are
   * in memory (16 MiB). At the limit the oldest give way.
   */
  missedEvents(): Promise<Array<Json[] & { readonly bucketKey: string }>>;
  /**
   * Accepts the missed events again, each for its own bucket, which is made first, and keeps them as
   * missed no longer; resolves as flush() does. Throws `not_running` after close(), and
   * `invalid_argument` offline.
   */
  replayMissedEvents(options?: { timeout?: number }): Promise<Ledger>;
  /**
   * "epoch,key,value" rows with CRLF, quoted as RFC 4180, booleans as True and False, as ISStreamer's
   * file. Rejects with `invalid_argument` where `offline` is not set. A value is written as it is:
   * a spreadsheet may take one that begins with `=`, `+`, `-` or `@` for a formula.
   */
  exportCsv(): Promise<string>;
}

/** What a visitor, or the law, allows. */
export type Consent = "granted" | "wait" | "refuse";

/** Where events go, what they say of the visitor, and how they are delivered. */
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
  /**
   * Merged two levels deep over what the client knows by itself; `library` is the client's own.
   * Default: none.
   */
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
 *
 * `Events` names the events there are and their properties, which the compiler then checks:
 * `new Analytics<{ "Order Completed": { total: number }; "Signed Up": {} }>({ … })`. An event whose
 * properties may all be left out needs none; `Record<string, never>` allows none. Default: any name,
 * any properties.
 */
export class Analytics<
  Events extends { [Name in keyof Events]: object } = Record<string, object>,
> implements Delivers {
  /** Throws `invalid_argument` for an option of a wrong type or out of its limits. */
  constructor(options: AnalyticsOptions);
  /**
   * Names the user and what is known of it. Traits are merged with those of before; a user other
   * than before begins anew, as after `reset()`.
   */
  identify(userId: string | number, traits?: object, options?: EventOptions): void;
  /** More about the user there is. */
  identify(traits: object, options?: EventOptions): void;
  /** Something was done. `event`: its name; with `Events`, one of those. */
  track<Name extends keyof Events & string>(
    event: Name,
    ...details: {} extends Events[Name]
      ? [properties?: Events[Name], options?: EventOptions]
      : [properties: Events[Name], options?: EventOptions]
  ): void;
  /** A page was seen. In a page its address, title and referrer are added to the properties. */
  page(category: string, name: string, properties?: object, options?: EventOptions): void;
  /** A page was seen, without a category. */
  page(name?: string, properties?: object, options?: EventOptions): void;
  /** A screen of an app was seen. */
  screen(category: string, name: string, properties?: object, options?: EventOptions): void;
  /** A screen of an app was seen, without a category. */
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
  /**
   * Sends everything held now. Resolves when each event is settled, or after `timeout` milliseconds
   * (default 30,000) with what is still pending.
   */
  flush(options?: { timeout?: number }): Promise<Ledger>;
  /** Delivers what is held, then stops: later events throw not_running. `timeout`: as that of flush(). */
  close(options?: { timeout?: number }): Promise<Ledger>;
  /** The counts now. */
  ledger(): Ledger;
}

/** Which events, out of a list that has the newest first. */
export interface ItemsQuery {
  /**
   * The first one, a whole number. Default: 0. A negative one counts from the end of the list, as in
   * Python.
   */
  start?: number;
  /**
   * The first one that is left out, a whole number. Default: 20. A negative one counts from the end of the
   * list, as in Python.
   */
  end?: number;
  /**
   * A value, or a list of values any of which matches; several keys must all match. A number
   * matches the text that looks the same, 23 and "23". Only keys that the server indexes can be
   * asked for. The keys "start" and "end" cannot: they would be the slice in the protocol. Default: all
   * events.
   */
  where?: {
    [key: string]: string | number | boolean | Array<string | number | boolean>;
  };
}

/** How to reach a stream server. A value out of range throws `invalid_argument`. */
export interface StreamClientOptions {
  /** Printable ASCII without ":" or spaces, sent in the Authorization header. Default: none. */
  apiKey?: string;
  /**
   * Milliseconds for one request, and for a subscription until it is answered, from 0, which is no
   * limit. Default: 30,000. At the limit the promise rejects with `timeout`.
   */
  timeout?: number;
  /** Replaces the global fetch. Default: the global fetch at the time of each request. */
  fetch?: Fetch;
}

/**
 * The client of a stream server: AwesomeStream's `insert` and `items` by its JSON-RPC (0.1), and the
 * live subscription of our own server.
 *
 * Promises reject with the server's words: `unauthorized` (401, 403), `payload_too_large` (413),
 * `rate_limited` (429), `rejected` (else); with `network` or `timeout` when there was no answer.
 */
export class StreamClient {
  /**
   * `url`: the base URL, without a query; a path in it is kept. Throws `invalid_argument` for it, or an
   * option, that is none.
   */
  constructor(url: string, options?: StreamClientOptions);
  /**
   * Stores an event, a JSON object. Resolves to its new id, or null where the server gives none.
   * `date`: when it happened, default now. What JSON cannot say becomes null or text, named in the
   * event's `$altered`.
   */
  insert(event: object, options?: { date?: Date }): Promise<string | null>;
  /**
   * A slice of the newest-first list of events. `Event`: what the caller says an event is. Nothing checks
   * it when it comes.
   */
  items<Event = Json>(query?: ItemsQuery): Promise<Event[]>;
  /**
   * Events as they come, those that match `where`. Needs our stream server. Rejects with
   * `unauthorized`, `rate_limited` or `rejected` and the server's `statusCode` when it is refused, with
   * `network` or `timeout` when there is no answer; the first attempt is not repeated. `Event`: as that of
   * `Subscription`.
   */
  subscribe<Event = Json>(
    query?: { where?: ItemsQuery["where"] } & SubscribeOptions,
  ): Promise<Subscription<Event>>;
}

/**
 * An `EventStore` in the storage of a Cloudflare Durable Object, with or without SQLite: for a client that is
 * made once in the object, in its constructor, and goes on when the object is evicted. Whether
 * anybody calls the object again is not decided here: set an alarm while the ledger has pending events.
 *
 * Keys are `prefix` and two numbers; default prefix "sluicebox.", 1 to 256 characters. A record is
 * split into values of 96 KiB, and stored all or not at all. Throws `invalid_argument` for a storage or
 * a prefix that is none, and for a prefix that begins as that of another store of this object.
 */
export function durableObjectStore(
  storage: {
    list(options: { prefix: string }): Promise<Map<string, unknown>>;
    put(entries: Record<string, Uint8Array>): Promise<void>;
    delete(keys: string[]): Promise<number>;
  },
  options?: { prefix?: string },
): EventStore;
