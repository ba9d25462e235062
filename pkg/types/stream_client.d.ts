// The stream server, as AwesomeStream asks it.

import type { Fetch, Json } from "./common.js";
import type { SubscribeOptions, Subscription } from "./subscription.js";

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
