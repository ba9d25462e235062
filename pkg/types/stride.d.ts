// Stride: its REST API, and the collector of its events.

import type { Fetch, Json } from "./common.js";
import type { Delivers, DeliveryOptions, Ledger } from "./delivery.js";
import type { SubscribeOptions, Subscription } from "./subscription.js";

/** What a REST call resolves to, whatever the status. */
export interface StrideResponse<Data = Json | null> {
  /** The HTTP status, from 200 to 599. */
  readonly statusCode: number;
  /** The JSON the server returned; null when the body was empty. */
  readonly data: Data;
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
   * Sends everything held now. Resolves when each event is settled and an `EventStore` has removed what was
   * delivered, or after `timeout` (milliseconds, from 0, default 30,000) with what is still pending.
   */
  flush(options?: { timeout?: number }): Promise<Ledger>;
  /** Delivers what is held, then stops; start() goes on. `timeout`: as that of flush(). */
  stop(options?: { timeout?: number }): Promise<Ledger>;
  /** The counts now. */
  ledger(): Ledger;
}

/**
 * Sets the event's `$id`, a non-empty text or a finite number: the server stores an id once. An event that
 * cannot be changed, or is an array, throws `invalid_argument`.
 */
export function setId(event: object, id: string | number): void;

/** Sets the event's `$timestamp`, RFC 3339 in UTC; now unless given. An invalid Date, and what setId() takes for no event, throw. */
export function setTimestamp(event: object, timestamp?: Date): void;
