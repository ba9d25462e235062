// Initial State: keys and values into buckets.

import type { Json } from "./common.js";
import type { Delivers, DeliveryOptions, EventStore, Ledger } from "./delivery.js";

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
   * one byte is written. An `EventStore`: undelivered events are there, missed ones as with "auto". Default:
   * "auto".
   */
  storage?: "auto" | "none" | EventStore;
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
   * Sends everything held now. Resolves when each event is settled, or after `timeout` (milliseconds,
   * from 0, default 30,000) with what is still pending; offline at once, and the rows stay.
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
