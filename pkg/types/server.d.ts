/**
 * sluicebox/server: the stream server. One fetch handler, the same wherever there is `Request` and
 * `Response`, that speaks the server side of Stride, Initial State, RudderStack and AwesomeStream over
 * one store.
 *
 *   Node      serve(createServer({ store: memory({ keys: ["user", "kind"] }) }), { port: 8080 })
 *   a shell   npx sluicebox serve --port 8080 --keys user,kind,repo
 *
 * Events of all protocols land in one store as streams, kept as they were sent but for what stands
 * here. Sources: each system's API description and what its official clients do on the wire.
 *
 * Stride, `/v1/collect…`: the stream's name. A frame of a subscription is one whole event, however
 * large; official clients in Go stop at 64 KiB. `?sample=n` gives the first n events of each second.
 * Processes and saved queries are answered 501.
 *
 * Initial State, `/api/buckets` and `/api/events`: the stream is named like the bucket key. A bucket
 * belongs to its access key; where another one has a bucket of that key already, the stream's name is
 * `<key>:<8 hex digits>`. The first event makes a bucket that nobody made. An event has `key` (1 to
 * 250 characters), `value` (text up to 2,000 characters, number or boolean), and always `epoch`, in
 * seconds: what was sent, else the time of `iso8601`, else the server's, which also counts instead
 * of a time ten years back or more. Bad events are named with their reason: 207 when others were
 * stored, 400 in plain text when none was. A body has at most 1 MiB (413).
 * `GET /data/v1/events/latest[?key=a&key=b]` answers a JSON array with the last event of each key,
 * newest first, among the newest 10,000 events of the bucket.
 *
 * RudderStack, `/v1/…`, `/beacon/v1/batch`, `/pixel/v1/…`: one stream for each write key. An event gets
 * `type`, `messageId`, `rudderId`, `receivedAt`, `request_ip`, `timestamp` (corrected by `sentAt`) and
 * `context.isBot` as by RudderStack's gateway. Events are sorted by their own `timestamp`, where they
 * have one, else by arrival: a clock that is off never changes the order of a sender's events.
 *
 * AwesomeStream, `POST /`: the stream "default".
 */

import type { ItemsQuery, Json } from "./index.js";

export { SluiceboxError } from "./index.js";

/** How a server stores and whom it lets in. A value out of range throws `invalid_argument`. */
export interface ServerOptions {
  /** Where events are kept. Default: memory({ keys: [] }). */
  store?: Store;
  /** API keys and what each may do: "write" only collects, "read" only reads, "admin" everything.
   *  Default: none, no authentication, for development. A key is the user of Basic authentication (the
   *  password is ignored) or a Bearer token; a beacon or pixel names it in `?writeKey=`, and an
   *  EventSource, which cannot send headers, in `?key=`. */
  apiKeys?: { [key: string]: "write" | "read" | "admin" };
  /** Origins whose pages may call, e.g. "https://app.example", without a path. Default: none but the
   *  server's own; "*" for all. A preflight lets through GET, POST and HEAD, and any method for
   *  Stride's paths. */
  cors?: string[] | "*";
  /** Most bytes of a request body after decompression, from 1. Default 4 MiB (4,194,304). Reading stops
   *  there, and the answer is the protocol's own for a body that is too large (413). */
  maxBodyBytes?: number;
  /** Milliseconds. An event whose id came to the same stream within this time is acknowledged and
   *  stored once. From 0, which is never. Default 86,400,000 (a day). */
  dedupeWindow?: number;
  /** At most so many write calls of each API key in each window of so many seconds, on every
   *  protocol; a call counts once however many events it has. Both are whole numbers from 1 to
   *  1,000,000,000. Default: no limit. A call beyond it stores nothing and is answered 429 in the
   *  protocol's own form, with `Retry-After` in whole seconds (a pixel: with its picture); Initial
   *  State's answers have X-RateLimit-Limit, -Remaining and -Reset (seconds since 1970) always, with
   *  1,000,000,000 where there is no limit. Windows
   *  follow the clock, each server counts for itself, and without `apiKeys` whatever key a request
   *  names is counted. */
  rateLimit?: { calls: number; seconds: number };
  /** Live subscriptions that are open at once, from 0. One more is answered 429 with `Retry-After`. Default
   *  10,000. A subscription is a place in the store: nothing is kept for a reader, so a slow one
   *  costs no memory and misses nothing. Who takes nothing for five minutes though something waits
   *  for him is ended, and can go on after the last id he has. */
  maxSubscriptions?: number;
  /** Milliseconds that one call of the store's database may take; more is answered 503 with
   *  `Retry-After`, in the protocol's own form. Default 30,000, at least 1, at most 2,147,483,647.
   *  Whether such a call did its work nobody knows: an event with an id can be sent again, and is
   *  kept once. While 16 such calls go on, the database is asked at most once in this time. */
  storeTimeout?: number;
  /** Bytes of requests that wait for the store's database: bodies after decompression, and 4,096 for
   *  each request; from 1. What comes beyond it is answered 503 with `Retry-After`, in the protocol's own
   *  form, and stores nothing. Default 64 MiB (67,108,864). */
  maxWaitingBytes?: number;
  /** Called with a line for each request, when it is answered (a live one: when it has ended), and for
   *  each failure of the store. Without it, failures are said by `console.error`, at most once a
   *  minute. What it throws, or rejects with, is ignored. No line has a key, a query or a body.
   *  Default: none. */
  log?: (line: LogLine) => void;
}

/** What `log` is called with. */
export type LogLine = RequestLine | ErrorLine;

/** One request. */
export interface RequestLine {
  /** ISO 8601, of the answer. */
  time: string;
  /** Tells it from an error. */
  level: "info";
  /** The HTTP method. */
  method: string;
  /** Without the query. */
  path: string;
  /** Which protocol the path belongs to; "none" for what is no protocol's. */
  protocol: "none" | "stride" | "initial_state" | "rudderstack" | "awesomestream";
  /** The HTTP status. */
  status: number;
  /** Milliseconds from the head of the request to the answer, or to the end of a live one. */
  ms: number;
  /** Bytes of the body, after decompression. */
  bytesIn: number;
  /** Bytes of the answer's body. */
  bytesOut: number;
  /** Events that were acknowledged, those that were stored before among them. */
  stored: number;
}

/** One failure of the store. */
export interface ErrorLine {
  /** ISO 8601. */
  time: string;
  /** Tells it from a request. */
  level: "error";
  /** In the words of the database or its client. */
  message: string;
  /** Its code, where it has one. */
  code?: string;
}

/** A stream server, wherever there is `Request` and `Response`. */
export interface StreamServer {
  /** Answers a request. Never throws because of what the request holds. Besides the protocols there
   *  are `GET /healthz`, which asks the store (200 "ok", or 503 with a reason within 5 s), and
   *  `GET /metrics` in Prometheus' text format, for keys that may read. */
  fetch(
    request: Request,
    env?: unknown,
    ctx?: { waitUntil(work: Promise<unknown>): void },
  ): Promise<Response>;
  /** Stores an event; resolves to its id. Rejects with the code "storage" when the store is full. `stream` defaults to "default", `date` (what items are
   *  sorted by) to now, `id` to the event's own `$id`, else a random UUID. */
  insert(event: object, options?: { stream?: string; date?: Date; id?: string }): Promise<string>;
  /** A slice of the newest-first list of events, of one stream or of all. At most 10,000 items. */
  items(query?: ItemsQuery & { stream?: string }): Promise<Json[]>;
  /** Ends live subscriptions and refuses what comes later; requests that are being read are still
   *  answered. */
  close(): Promise<void>;
}

/** Throws a SluiceboxError (invalid_argument) that names the option. Does no I/O. */
export function createServer(options?: ServerOptions): StreamServer;

/** Opaque: made by memory(), sql() or redis(). */
export interface Store {
  /** "memory", "sql" or "redis". */
  readonly kind: string;
}

/** What every store is told. */
export interface StoreOptions {
  /** Event members that can be filtered by; "start", "end" and "$stream" cannot be keys. An insert
   *  costs time for each key, a query does not. */
  keys: string[];
}

/** What the store in memory is told. */
export interface MemoryOptions extends Partial<StoreOptions> {
  /** Bytes. About so much memory is used for events, their ids and the lists they are found by;
   *  nothing is ever thrown away to make room. When it is used up, what comes is refused and may be
   *  sent again later: 507 (Stride), 503 (RudderStack), an error text (AwesomeStream), and insert()
   *  rejects with the code "storage". Default 1 GiB (1,073,741,824), at most 3.5 GiB. */
  maxBytes?: number;
}

/** Everything in this process's memory, until it ends. An event's id is remembered as long as the
 *  event. */
export function memory(options?: MemoryOptions): Store;

/** Events in a SQL database, in tables that are made at the first use: `events` and others whose
 *  names begin with it. Every call is one transaction and one round trip; calls that come while one
 *  runs go into the next one together. An insert costs O(keys), a page of `items` O(page), whatever
 *  is stored; where two keys seldom meet, the shorter of their lists is walked. Any number of servers may run over one database. Keys may be added later: events that
 *  came before are not found by them. Rejects with the code "storage" (and a request is answered
 *  503 in its protocol's own form) while the database cannot be reached. */
export function sql(
  driver: SqlDriver,
  options: StoreOptions & {
    /** Name of the table of events: a letter or _, then at most 47 letters, digits or _.
     *  Default "events". */
    table?: string;
  },
): Store;

/** Events in Redis (tested with 7.0), in keys that are made at the first use and begin with `{prefix}:`, so
 *  that all are in one slot of a cluster. Every call is one script (EVAL) and one round trip, all or
 *  nothing; calls that come while one runs go into the next one together. An insert costs O(keys), a
 *  page of `items` O(page). A script that could run long (a filter that leaps over very much and
 *  finds little, the drop of a large stream) stops after some ten milliseconds, lets others have
 *  their turn and goes on: a drop is seen in part meanwhile. An insert never stops: 1000 events with
 *  four keys hold others up for about 30 ms. Any number of servers may run over one Redis. Where to
 *  go on after an id in all streams costs O(streams). Memory: an event's text, and about 150 bytes for
 *  its id, its stream and each value.
 *
 *  Events are as durable as Redis is set up: `appendonly yes`, `appendfsync always` for a power cut,
 *  and `maxmemory-policy noeviction`; any other policy may throw keys of the store away. When its
 *  memory is used up, or it cannot be reached, calls reject with the code "storage" (and a request is
 *  answered 503 in its protocol's own form) and nothing is stored. So they do when it was emptied
 *  under a server, until the server starts again. */
export function redis(
  driver: RedisDriver,
  options: StoreOptions & {
    /** What all keys begin with, in braces: 1 to 100 letters, digits or . _ : / -
     *  Default "sluicebox". */
    prefix?: string;
  },
): Store;

/** What a store asks of a SQL database; a driver of your own needs no more. */
export interface SqlDriver {
  /** How statements are written. */
  readonly dialect: "sqlite" | "postgres";
  /** Most bytes of one event, where the database has a limit: larger ones are refused (413). */
  readonly maxEventBytes?: number;
  /** Nobody but this server writes to the database. Otherwise live subscriptions look every 500 ms
   *  whether somebody did, unless there is `watch`. */
  readonly exclusive?: boolean;
  /** Calls back whenever somebody may have written to the table `name`; resolves to what ends that. */
  watch?(name: string, changed: () => void): Promise<() => void>;
  /** Runs the statements in order, all or none, and resolves to the rows of each. Rejects with the
   *  database's own error, and then nothing is changed. Parameters are null, texts, numbers,
   *  bigints and Uint8Arrays, in the text "?" (sqlite) or "$1", "$2" (postgres). */
  transaction(
    statements: Array<{ sql: string; params: unknown[] }>,
  ): Promise<Array<Array<{ [column: string]: unknown }>>>;
}

/** What a store asks of Redis; a driver of your own needs no more. */
export interface RedisDriver {
  /** Most bytes of one event, where there is a limit: larger ones are refused (413). */
  readonly maxEventBytes?: number;
  /** One command and its arguments, e.g. ["HGET", "key", "field"]; resolves to its reply, texts as
   *  texts. Rejects with the database's own error. */
  command(args: Array<string | number>): Promise<unknown>;
  /** Runs the commands in order (MULTI, EXEC), nobody else's between them; the reply of each. Rejects
   *  when one is refused; Redis undoes nothing of the others when one fails while it runs. */
  transaction(commands: Array<Array<string | number>>): Promise<unknown[]>;
  /** Calls back whenever something is published on `<name>:changed`, and when it may have been missed;
   *  resolves to what ends that. Without it live subscriptions look every 500 ms. */
  watch?(name: string, changed: () => void): Promise<() => void>;
}

// Each driver throws a SluiceboxError (invalid_argument) for what is not its client, and does no
// I/O before it is used. The client stays yours: nothing here opens or closes it.

/** Cloudflare D1: a binding, or a session of one. A transaction is one batch. D1's limits: 100
 *  parameters and 100 KB of text a statement, 2 MB a row, 10 GB a database. Integers are kept up to
 *  2^53 - 1. */
export function d1(database: unknown): SqlDriver;

/** The `ctx.storage` of a Durable Object whose class is in `new_sqlite_classes`. Its limits: 100
 *  parameters and 100 KB of text a statement, 2 MB a row, 10 GB an object. Integers are kept up to
 *  2^53 - 1. */
export function durableObject(storage: unknown): SqlDriver;

/** A client of @libsql/client: a file, or a database behind a URL. */
export function libsql(client: unknown): SqlDriver;

/** A DatabaseSync of node:sqlite (Node.js 22.5, Deno, Bun). Where several processes write to the
 *  file, give it time to wait for them: `PRAGMA busy_timeout = 5000` (ms; SQLite's default is 0). */
export function nodeSqlite(database: unknown): SqlDriver;

/** A Pool or a connected Client of pg, also through Hyperdrive. A Pool gives each transaction a
 *  connection of its own, and events of other servers come live at once, told by LISTEN on one
 *  connection more; with a Client transactions wait for each other, and other servers' events are
 *  looked for twice a second. A `bigint` column comes back as
 *  text, as pg gives it. Listen to the pool's "error" event yourself. */
export function postgres(pool: unknown): SqlDriver;

/** A connected client of redis (node-redis 4 or newer: createClient, createCluster) or of ioredis
 *  (Redis, Cluster; `keyPrefix` holds). While there are live subscriptions a second connection, a
 *  `duplicate()`, hears when other servers wrote; over a cluster they are looked for every 500 ms.
 *  Listen to the client's "error" event yourself. */
export function nodeRedis(client: unknown): RedisDriver;

/** Redis over REST, where there are no connections: Upstash, or what speaks like it. `url` and `token`
 *  stand in its console. One request for each call, with the runtime's `fetch`; other servers' events
 *  are looked for every 500 ms. Upstash's limit of a request (1 MB for a database that costs nothing,
 *  10 MB for others) is that of all events which go in together. Errors never show the token. Source:
 *  Upstash's REST API. */
export function upstash(options: { url: string; token: string }): RedisDriver;
