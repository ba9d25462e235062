// Carries out the work of a store behind a connection, and hears when others wrote to it.

/** Cloudflare Workers bind I/O to the request that began it: no other may wait for it. */
const isWorker = globalThis.navigator?.userAgent === "Cloudflare-Workers";

/** Most requests whose events go in together. */
const TOGETHER = 256;

/** Milliseconds between two looks at a store that cannot tell when others write to it. */
const POLL = 500;

/** What a request that waits weighs besides its body. */
const REQUEST_BYTES = 4096;

/** Calls that were given up and go on: with more of them, one in a while finds out whether it helps. */
const MOST_STUCK = 16;

/** Nobody knows whether it was done. */
class Late extends Error {}

const noBigint = (_, value) => (typeof value === "bigint" ? String(value) : value);

/** A list as the module gives it; resolves to the replies as JSON. */
async function carryOut({ kind, driver }, list) {
  if (kind === "redis") {
    const one = list.length === 1;
    const replies = one ? [await driver.command(list[0])] : await driver.transaction(list);
    return JSON.stringify(replies, noBigint);
  }
  const statements = [];
  for (let at = 0; at < list.length; at += 2) {
    statements.push({ sql: list[at], params: list[at + 1] });
  }
  return JSON.stringify(await driver.transaction(statements), noBigint);
}

/**
 * One store behind a connection. `core` is the module's server, `failed` hears of errors. A call
 * has `timeout` ms; requests that wait for calls weigh at most `maxBytes`.
 */
export class Remote {
  #store;
  #core;
  #failed;
  #timeout;
  #maxBytes;
  #waitingBytes = 0;
  /** Calls that were given up and may still come to an end. */
  #stuck = new Set();
  #lastCall = 0;
  #isOpen = false;
  #opening;
  /** Whether requests may wait for each other's I/O. */
  #shares;
  /** Insertions that wait for those before them: { number, done }. */
  #queue = [];
  #working;
  /** Replies that are awaited, by what was asked. */
  #shared = new Map();
  #stopWatching;

  constructor(store, core, { timeout, maxBytes, failed }) {
    this.#store = store;
    this.#core = core;
    this.#timeout = timeout;
    this.#maxBytes = maxBytes;
    this.#failed = failed;
    this.#shares = !isWorker || store.driver.exclusive === true;
  }

  /** Whether one request may be told of what another did. */
  get shares() {
    return this.#shares;
  }

  /** Bytes of requests that wait. */
  get waitingBytes() {
    return this.#waitingBytes;
  }

  /** What a request with a body of so many bytes weighs until `leave`; 0: it must be refused. */
  enter(bytes) {
    const weight = bytes + REQUEST_BYTES;
    if (this.#waitingBytes && this.#waitingBytes + weight > this.#maxBytes) return 0;
    this.#waitingBytes += weight;
    return weight;
  }

  leave(weight) {
    this.#waitingBytes -= weight;
  }

  /** Makes the tables. Throws what the database throws. */
  async open() {
    if (this.#isOpen) return;
    if (!this.#shares) return this.#open();
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    await this.#opening;
  }

  async #open() {
    const replies = await this.#call(this.#core.open());
    this.#core.opened(replies);
    this.#isOpen = true;
  }

  /**
   * Resolves to the answer that needs nothing more; one that is `refused` asks nothing. What only
   * looks may be `shared`: a thousand live bodies that wait for the same event ask for it once.
   */
  async settle(answer, { refused = false, shared = false } = {}) {
    for (;;) {
      const work = answer.work();
      if (!work && !answer.insertion) return answer;
      let replies;
      if (!refused) {
        if (!work) replies = await this.#insert(answer.insertion);
        else replies = await (shared ? this.#share(work) : this.#try(work));
      }
      answer = this.#core.resume(Date.now(), answer, replies);
    }
  }

  /** Resolves when nothing is being written. */
  async idle() {
    while (this.#working) await this.#working;
  }

  /** Resolves to { replies }, or to { isLate } where the store failed. */
  async #attempt(work) {
    try {
      return { replies: await this.#call(work()) };
    } catch (error) {
      this.#failed(error);
      return { isLate: error instanceof Late };
    }
  }

  /** Resolves to undefined where the store failed. */
  async #try(work) {
    return (await this.#attempt(() => work)).replies;
  }

  /** One call of the driver, that ends in time: a database may take a request and never answer. */
  async #call(work) {
    const now = Date.now();
    if (this.#stuck.size >= MOST_STUCK && now - this.#lastCall < this.#timeout) {
      throw new Late("the store does not answer: it was not asked");
    }
    this.#lastCall = now;
    const call = carryOut(this.#store, work);
    let timer;
    const tooLate = new Promise((_, reject) => {
      timer = setTimeout(() => {
        this.#stuck.add(call);
        reject(new Late(`the store did not answer within ${this.#timeout} ms`));
      }, this.#timeout);
    });
    const ended = () => {
      clearTimeout(timer);
      this.#stuck.delete(call);
    };
    call.then(ended, ended);
    const replies = await Promise.race([call, tooLate]);
    this.#stuck.clear();
    return replies;
  }

  /** Whether the store does what it must be able to do, whatever the events are. */
  async #works() {
    return (await this.#try(this.#core.open())) !== undefined;
  }

  #share(work) {
    if (!this.#shares) return this.#try(work);
    const question = JSON.stringify(work);
    let replies = this.#shared.get(question);
    if (!replies) {
      const asked = this.#try(work).finally(() => {
        if (this.#shared.get(question) === asked) this.#shared.delete(question);
      });
      this.#shared.set(question, (replies = asked));
    }
    return replies;
  }

  /** There is something new: what was asked before may not know of it. */
  renew() {
    this.#shared.clear();
  }

  /** What comes while a transaction runs goes into the next one together. */
  #insert(number) {
    if (!this.#shares) return this.#commit([number]).then(({ replies }) => replies);
    return new Promise((done) => {
      this.#queue.push({ number, done });
      this.#working ??= this.#work();
    });
  }

  async #work() {
    try {
      while (this.#queue.length) {
        const together = this.#queue.splice(0, TOGETHER);
        const { replies, isLate } = await this.#commit(together.map(({ number }) => number));
        if (replies !== undefined || together.length === 1) {
          for (const { done } of together) done(replies);
          if (!isLate) continue;
        }
        // One of them may be what the store refuses; the others must not suffer for it.
        let works = !isLate && (await this.#works());
        for (const { number, done } of together) {
          const alone = works ? (await this.#commit([number])).replies : undefined;
          if (works && alone === undefined) works = await this.#works();
          done(alone);
        }
        // Who waits for a store that is away would wait for all before it in turn.
        if (!works) for (const { done } of this.#queue.splice(0)) done(undefined);
      }
    } finally {
      // In the moment in which the queue was seen empty: what came a moment later would wait for
      // somebody who has gone.
      this.#working = undefined;
    }
  }

  #commit(numbers) {
    return this.#attempt(() => this.#core.commit(Date.now(), Uint32Array.from(numbers)));
  }

  /** Calls back when others may have written, from now until `unwatch`. */
  watch(changed) {
    const { driver, name } = this.#store;
    if (this.#stopWatching || driver.exclusive) return;
    let stopped = false;
    let stop = () => {};
    this.#stopWatching = () => {
      stopped = true;
      stop();
    };
    const timer = setInterval(changed, POLL);
    timer.unref?.();
    stop = () => clearInterval(timer);
    if (!driver.watch || !this.#shares) return;
    // Until somebody tells, and where nobody can, it goes on looking.
    driver.watch(name, changed).then((end) => {
      if (stopped) return end();
      stop();
      stop = end;
      changed();
    }, this.#failed);
  }

  unwatch() {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }
}
