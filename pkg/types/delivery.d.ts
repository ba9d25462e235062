// What every buffered client has.

import type { Fetch, Json, SluiceboxError } from "./common.js";

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
   * Milliseconds that an event waits at most before it is sent, from 0. Default: 500, Collector 250,
   * Streamer 2000.
   * A full batch is sent earlier, as is in a page what the client takes in the task of its first event:
   * its answer tells, before the page may leave, whether the server is there.
   */
  flushInterval?: number;
  /** Most events in one request, from 1. Default: 100, Collector 1000. */
  batchSize?: number;
  /**
   * Most bytes in one request body, before compression, from 1. Default: 500,000. More are split into
   * several requests; one event that is larger goes alone. Where a Collector's body has several streams,
   * their names are not counted.
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
  /** Milliseconds, from 1. A request that has no answer by then has failed and is sent again. Default: 5000. */
  timeout?: number;
  /**
   * Attempts for one batch, from 1. Default: no limit, until `maxAge`.
   * At the limit its events are counted as `expired` and told to `onError`.
   */
  maxAttempts?: number;
  /**
   * Milliseconds, from 1: the age at which an undelivered event is given up. Default: 604,800,000 (7 days).
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
   * Sends everything held now. Resolves when each event is settled and an `EventStore` has removed what was
   * delivered, or after `timeout` (milliseconds, from 0, default 30,000) with what is still pending. A timeout
   * that is none throws `invalid_argument`.
   */
  flush(options?: { timeout?: number }): Promise<Ledger>;
  /** The counts now. */
  ledger(): Ledger;
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
