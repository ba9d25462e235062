import { decode, readAll, write, writeAll } from "../platform/cookies.js";
import { wallNow } from "../platform/host.js";
import { referrer } from "../platform/page.js";

// The names of RudderStack's browser SDK.
const USER = "rl_user_id";
const TRAITS = "rl_trait";
const ANONYMOUS = "rl_anonymous_id";
const GROUP = "rl_group_id";
const GROUP_TRAITS = "rl_group_trait";
const REFERRER = "rl_page_init_referrer";
const REFERRING_DOMAIN = "rl_page_init_referring_domain";
const SESSION = "rl_session";
const OF_USER = [USER, TRAITS, GROUP, GROUP_TRAITS, SESSION];
const NAMES = [...OF_USER, ANONYMOUS, REFERRER, REFERRING_DOMAIN];

/** Another tab's change is seen after this; reading cookies for each event would cost more than the event. */
const FRESH_MS = 1000;

/** Who visits: ids, traits and session; shared by all tabs once it may be stored. */
export class Visitor {
  /** Changes with what it holds, but for the session. */
  version = 0;
  #uuid;
  #persists = false;
  #texts = {};
  #values = {};
  #read = -Infinity;
  #session = {};

  constructor(uuid) {
    this.#uuid = uuid;
  }

  get anonymousId() {
    return this.#get(ANONYMOUS) ?? this.#set(ANONYMOUS, this.#uuid());
  }

  get userId() {
    return this.#get(USER);
  }

  get traits() {
    return this.#get(TRAITS);
  }

  /** Referrer and referring domain of the first page there ever was. */
  get initial() {
    const [initial_referrer, initial_referring_domain] = referrer();
    return {
      initial_referrer: this.#get(REFERRER) ?? this.#set(REFERRER, initial_referrer),
      initial_referring_domain:
        this.#get(REFERRING_DOMAIN) ?? this.#set(REFERRING_DOMAIN, initial_referring_domain),
    };
  }

  /** Another user than before begins anew. */
  identify(userId, traits) {
    if (userId !== undefined) {
      if (this.userId && this.userId !== userId) this.reset();
      this.#set(USER, userId);
    }
    this.#set(TRAITS, merged(this.traits, traits));
  }

  /** The group as it is then: { groupId, traits }. */
  group(groupId, traits) {
    if (groupId !== undefined) this.#set(GROUP, groupId);
    traits = this.#set(GROUP_TRAITS, merged(this.#get(GROUP_TRAITS), traits));
    return { groupId: this.#get(GROUP), traits };
  }

  reset(anonymousToo) {
    for (const name of OF_USER) this.#set(name);
    if (anonymousToo) this.#set(ANONYMOUS);
  }

  /** { sessionId, sessionStart? } of an event that happens now; the same object for the same. */
  session(timeout, now) {
    let session = this.#get(SESSION);
    if (!isLive(session, now)) {
      // Another tab may have begun one in the last second.
      this.refresh(true);
      session = this.#get(SESSION);
      if (!isLive(session, now)) session = { id: now, timeout, autoTrack: true };
    }
    const { id, expiresAt, sessionStart } = session;
    const isStart = sessionStart === undefined;
    // Written now and then: a cookie for each event would cost more than the event.
    const isFresh = expiresAt > now + timeout - Math.min(FRESH_MS, timeout / 10);
    if (sessionStart !== false || !isFresh) {
      this.#set(SESSION, { ...session, expiresAt: now + timeout, sessionStart: isStart });
    }
    const { sessionId, sessionStart: wasStart } = this.#session;
    if (sessionId !== id || wasStart || isStart) {
      this.#session = isStart ? { sessionId: id, sessionStart: true } : { sessionId: id };
    }
    return this.#session;
  }

  /** Storing begins, with what is stored already and what is held, or ends. */
  persist(on) {
    if (on === this.#persists) return;
    this.#persists = on;
    const held = this.#values;
    if (on) this.refresh(true);
    for (const name in held) if (!(name in this.#values)) this.#set(name, held[name]);
  }

  /** Nothing is left behind. */
  forget() {
    this.#persists = true;
    for (const name of NAMES) this.#set(name);
    writeAll();
    this.#persists = false;
  }

  #get(name) {
    return this.#values[name];
  }

  #set(name, value) {
    const isNothing = value === undefined || JSON.stringify(value) === "{}";
    if (isNothing) delete this.#values[name];
    else this.#values[name] = value;
    if (name !== SESSION) this.version++;
    delete this.#texts[name];
    if (this.#persists) write(name, isNothing ? undefined : value);
    return isNothing ? undefined : value;
  }

  /** Reads what is stored, at most once a second unless it must. */
  refresh(must, now = wallNow()) {
    if (!this.#persists) return this;
    if (!must && now < this.#read + FRESH_MS && now >= this.#read) return this;
    this.#read = now;
    const texts = readAll(NAMES);
    const values = {};
    for (const name in texts) {
      const isSame = texts[name] === this.#texts[name] && name in this.#values;
      const value = isSame ? this.#values[name] : decode(texts[name]);
      if (value !== undefined) values[name] = value;
    }
    this.#texts = texts;
    this.#values = values;
    this.version++;
    return this;
  }
}

/** Manual sessions, as the official SDK knows them, have no end. */
const isLive = (session, now) => session && (session.manualTrack || session.expiresAt > now);

/** Members of the second win; objects are merged all the way down. */
function merged(one, two) {
  const all = { ...one };
  for (const name in two) {
    all[name] = isPlain(all[name]) && isPlain(two[name]) ? merged(all[name], two[name]) : two[name];
  }
  return all;
}

const isPlain = (value) => value && typeof value === "object" && !Array.isArray(value);
