// Events as they come.

import type { Json, Signal } from "./common.js";

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
