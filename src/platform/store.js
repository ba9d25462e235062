// Carries out the work of a store behind a connection, and hears when others wrote to it.

/** Cloudflare Workers bind I/O to the request that began it: no other may wait for it. */
const isWorker = globalThis.navigator?.userAgent === "Cloudflare-Workers";

/** Most requests whose events go in together. */
const TOGETHER = 256;

/** Milliseconds between two looks at a store that cannot tell when others write to it. */
const POLL = 500;

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

/** One store behind a connection. `core` is the module's server, `failed` hears of errors. */
export class Remote {
  #store;
  #core;
  #failed;
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

  constructor(store, core, failed) {
    this.#store = store;
    this.#core = core;
    this.#failed = failed;
    this.#shares = !isWorker || store.driver.exclusive === true;
  }

  /** Whether one request may be told of what another did. */
  get shares() {
    return this.#shares;
  }

  /** Makes the tables. Throws what the database throws. */
  async open() {
    if (this.#isOpen) return;
    if (!this.#shares) return this.#open();
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    await this.#opening;
  }

  async #open() {
    const replies = await carryOut(this.#store, this.#core.open());
    this.#core.opened(replies);
    this.#isOpen = true;
  }

  /**
   * Resolves to the answer that needs nothing more. Work that only looks may be `shared`: a thousand
   * live bodies that wait for the same event ask for it once.
   */
  async settle(answer, shared = false) {
    for (;;) {
      const work = answer.work();
      if (!work && !answer.insertion) return answer;
      let replies;
      if (!work) replies = await this.#insert(answer.insertion);
      else replies = await (shared ? this.#share(work) : this.#try(work));
      answer = this.#core.resume(Date.now(), answer, replies);
    }
  }

  /** Resolves when nothing is being written. */
  async idle() {
    while (this.#working) await this.#working;
  }

  /** Resolves to undefined where the store failed. */
  async #try(work) {
    try {
      return await carryOut(this.#store, work);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
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
    if (!this.#shares) return this.#commit([number]);
    return new Promise((done) => {
      this.#queue.push({ number, done });
      this.#working ??= this.#work().finally(() => (this.#working = undefined));
    });
  }

  async #work() {
    while (this.#queue.length) {
      const together = this.#queue.splice(0, TOGETHER);
      const replies = await this.#commit(together.map(({ number }) => number));
      const alone = replies === undefined && together.length > 1;
      // One of them may be what the store refuses; the others must not suffer for it.
      for (const { number, done } of together) done(alone ? await this.#commit([number]) : replies);
    }
  }

  #commit(numbers) {
    return this.#try(this.#core.commit(Date.now(), Uint32Array.from(numbers)));
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
    const poll = () => {
      const timer = setInterval(changed, POLL);
      timer.unref?.();
      stop = () => clearInterval(timer);
    };
    if (!driver.watch || !this.#shares) return poll();
    driver.watch(name, changed).then(
      (end) => (stopped ? end() : (stop = end)),
      (error) => {
        this.#failed(error);
        if (!stopped) poll();
      },
    );
  }

  unwatch() {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }
}
