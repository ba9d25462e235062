// RudderStack: who users are and what they do.

import type { Json } from "./common.js";
import type { Delivers, DeliveryOptions, Ledger } from "./delivery.js";

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
   * Sends everything held now. Resolves when each event is settled and an `EventStore` has removed what was
   * delivered, or after `timeout` (milliseconds, from 0, default 30,000) with what is still pending.
   */
  flush(options?: { timeout?: number }): Promise<Ledger>;
  /** Delivers what is held, then stops: later events throw not_running. `timeout`: as that of flush(). */
  close(options?: { timeout?: number }): Promise<Ledger>;
  /** The counts now. */
  ledger(): Ledger;
}
