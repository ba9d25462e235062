// A log in IndexedDB, one for each client object of a page, and who takes it over.
//
// Its records are under [owner, log, number]. While its page lives, it holds a Web Lock of its own;
// the logs of other tabs queue for that lock, so the browser itself says when a page was closed,
// crashed or frozen: nobody looks, and no timer runs. Reading a log, writing it into one's own and
// deleting it is one transaction, so exactly one tab gets it.
import { connect, database, NAME, whenLost } from "./idb.js";
import { joined, memoryLog } from "./log.js";

/** `owner` says whose events they are, and shows no key. In memory where there is nothing durable. */
export function pageLog(owner) {
  try {
    const { locks } = navigator;
    // Where one of them is missing (no secure context, no browser) this throws.
    return tabLog(owner, locks, locks.query && indexedDB.open && crypto.randomUUID());
  } catch {
    return memoryLog();
  }
}

function tabLog(owner, locks, id) {
  const prefix = `${NAME}.${owner}.`;
  const range = (...path) => IDBKeyRange.bound([owner, ...path], [owner, ...path, []]);
  let core, channel, waits, release;
  /** Numbers of the oldest record and of the next one. */
  let first = 0;
  let next = 0;
  /** Whether all that was written is stored. */
  let isStored, isReady, isFrozen, isTold;
  /** What waits for the database. */
  const waiting = [];
  /** The store, in the transaction that reads another's log. */
  let inside;
  /** Logs that were taken over and are still there, with what gives their locks back. */
  const sources = new Map();

  const trouble = (error) =>
    isTold || core.trouble((isTold = `events are not stored: ${error?.message}`));

  const drain = () => waiting.splice(0).forEach((again) => again());

  /** One transaction; what fails in it is told to its listeners, or to `failed`. */
  const run = (act, failed) => {
    if (!isReady || !database) {
      waiting.push(() => run(act, failed));
      if (isReady) connect().then(drain, goOnInMemory);
      return;
    }
    try {
      act(database.transaction(NAME, "readwrite").objectStore(NAME));
    } catch (error) {
      failed(error);
    }
  };

  const stored = (error) => {
    if (!(isStored = !error)) trouble(error);
    core.stored(isStored);
  };

  /** Deletes what was taken over with what else the transaction does. */
  const finish = (store, done) => {
    const gone = [...sources];
    gone.forEach(([source]) => store.delete(range(source)));
    store.transaction.addEventListener("complete", () => {
      gone.forEach(([source, free]) => sources.delete(source, free()));
      done();
    });
    store.transaction.addEventListener("abort", ({ target }) =>
      done(target.error ?? Error("aborted")),
    );
  };

  const adopt = (source) =>
    new Promise((free) =>
      run((store) => {
        store.transaction.onabort = () => sources.has(source) || free();
        store.getAll(range(source)).onsuccess = ({ target }) => {
          sources.set(source, free);
          inside = store;
          core.adopt(joined(target.result));
          inside = 0;
          finish(store, () => {});
        };
      }, free),
    );

  /** Adopts the log as soon as nobody holds it. */
  const watch = (source, options = waits) =>
    locks
      .request(prefix + source, options, (lock) => (lock ? adopt(source) : void watch(source)))
      .catch(() => {});

  const begin = async () => {
    const { signal } = (waits = new AbortController());
    try {
      channel = new BroadcastChannel(prefix);
      channel.onmessage = ({ data }) => (data.big ? watch(data) : core.told(data));
      // Nothing is stored before the lock is held: others take what nobody holds.
      await new Promise((granted, refused) =>
        locks
          .request(prefix + id, waits, () => new Promise((free) => granted((release = free))))
          .catch(refused),
      );
      await connect();
      const keys = await new Promise((resolve, reject) => {
        const request = database.transaction(NAME).objectStore(NAME).getAllKeys(range());
        request.onsuccess = () => resolve(request.result.map(([, log]) => log));
        request.onerror = reject;
      });
      const { held } = await locks.query();
      signal.throwIfAborted();
      if (isFrozen) {
        const isTaken = isStored && next > first && !keys.includes(id);
        if (isTaken) first = next;
        isFrozen = false;
        core.thawed(!isTaken);
      }
      channel.postMessage(id);
      isReady = true;
      const others = new Set([
        ...keys,
        ...held.map(({ name }) => name.startsWith(prefix) && name.slice(prefix.length)),
      ]);
      others.delete(id);
      await Promise.all([...others].map((other) => other && watch(other, { ifAvailable: true })));
      core.adopt(joined([]));
      drain();
    } catch (error) {
      if (!signal.aborted) goOnInMemory(error);
    }
  };

  const stop = () => {
    waits?.abort();
    channel?.close();
    release?.();
    sources.forEach((free) => free());
    waits = channel = release = undefined;
  };

  const goOnInMemory = (error) => {
    stop();
    Object.assign(log, memoryLog()).open(core);
    if (isFrozen) core.thawed(true);
    core.adopt(joined([]));
    core.stored(false);
    trouble(error);
  };

  const log = {
    open(own) {
      core = own;
      core.load();
      whenLost.add(() => core.stored((isStored = false)));
      begin();
    },
    write(record, remove) {
      const key = next;
      const copy = record.slice();
      first = Math.min(first + remove, next);
      const before = first;
      if (copy.length) next += 1;
      isStored = false;
      const act = (store) => {
        if (copy.length) store.put(copy, [owner, id, key]);
        if (remove) store.delete(IDBKeyRange.bound([owner, id], [owner, id, before], false, true));
        finish(store, stored);
      };
      if (inside) return act(inside);
      run((store) => {
        act(store);
        // Not when this task is over: a page that goes away may have no more of them.
        store.transaction.commit();
      }, stored);
    },
    tell: (until) => channel?.postMessage(until),
    freeze() {
      isFrozen = true;
      stop();
    },
    thaw() {
      if (!waits) begin();
    },
    erase() {
      isStored = false;
      run((store) => store.delete(range()), trouble);
    },
  };
  return log;
}
