// A log in IndexedDB, one for each client object of a page, and who takes it over.
//
// Its records are under [owner, log, number]. While its page lives, it holds a Web Lock of its own;
// the logs of other tabs queue for that lock, so the browser itself says when a page was closed,
// crashed or frozen: nobody looks, and no timer runs. Reading a log, writing it into one's own and
// deleting it is one transaction, so exactly one tab gets it.
import { connect, database, NAME, result } from "./idb.js";
import { memoryLog } from "./log.js";

/** Milliseconds: for what may be stored, sending waits so long. Where it is read later it is adopted later. */
const SENDS_AFTER = 1000;

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
  const objects = () => database.transaction(NAME, "readwrite").objectStore(NAME);
  let core, channel, waits, release, isReady, isFrozen, isTold, order;
  /** Numbers of the records that are there, oldest first, and that of the next one. */
  let numbers = [];
  let next = 0;
  /** Where the newest of them is. */
  let writtenTo;
  /** What waits until the log may be written. */
  const waiting = [];
  /** The store, in the transaction that reads another's log. */
  let inside;
  /** Logs that were taken over and are still there, with what gives their locks back. */
  const sources = new Map();

  const trouble = (error) => isTold || core.trouble((isTold = `events are not stored: ${error}`));

  /** One transaction. It is handed to the browser at once: a page that goes away has no later. */
  const commit = async (act) => {
    if (!database) await connect();
    const store = inside ?? objects();
    act(store);
    store.transaction.commit();
    await result(store.transaction);
  };

  const adopt = async (source) => {
    // A frozen page may have called before we are ready.
    await connect();
    const store = objects();
    const records = await result(store.getAll(range(source)));
    if (!records.length) return;
    // It is deleted with the next write, which mostly is that of `adopt`.
    await new Promise((free) => {
      sources.set(source, free);
      inside = store;
      try {
        core.adopt(records);
      } finally {
        inside = undefined;
      }
    });
  };

  /** Adopts the log as soon as nobody holds it. */
  const watch = (source, options = waits) =>
    locks
      .request(prefix + source, options, (lock) => (lock ? adopt(source) : void watch(source)))
      .catch(() => {});

  const begin = async () => {
    const { signal } = (waits = new AbortController());
    const late = setTimeout(() => core.adopt([]), SENDS_AFTER);
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
      await order;
      const logs = (await result(objects().getAllKeys(range()))).map(([, log]) => log);
      const { held } = await locks.query();
      if (signal.aborted) return;
      if (isFrozen) thawed(!numbers.length || writtenTo !== database || logs.includes(id));
      channel.postMessage(id);
      isReady = true;
      drain();
      const others = new Set(
        held
          .filter(({ name }) => name.startsWith(prefix))
          .map(({ name }) => name.slice(prefix.length))
          .concat(logs),
      );
      others.delete(id);
      await Promise.all([...others].map((other) => watch(other, { ifAvailable: true })));
      core.adopt([]);
    } catch (error) {
      if (signal.aborted) return;
      trouble(error);
      if (isReady !== undefined) {
        thawed(true);
        isReady = true;
        return drain();
      }
      stop();
      Object.assign(log, memoryLog()).open(core);
      if (isFrozen) core.thawed(true);
      drain();
      core.adopt([]);
    } finally {
      clearTimeout(late);
    }
  };

  const drain = () => waiting.splice(0).forEach((again) => again());

  const thawed = (isKept) => {
    if (!isKept) [numbers, waiting.length] = [[], 0];
    isFrozen = false;
    core.thawed(isKept);
  };

  const stop = () => {
    waits?.abort();
    channel?.close();
    release?.();
    sources.forEach((free) => free());
    waits = channel = release = undefined;
  };

  const log = {
    open(own) {
      core = own;
      core.load();
      begin();
    },
    write(record, remove) {
      if (!isReady) return waiting.push(() => log.write(record, remove));
      const number = next++;
      const gone = numbers.splice(0, remove);
      if (record.length) numbers.push(number);
      // They go with the first write that has their events: if it fails, with one after the failure is known.
      const taken = [...sources];
      sources.clear();
      const done = commit((store) => {
        const oldest = [owner, id, numbers[0] ?? next];
        if (remove) store.delete(IDBKeyRange.bound([owner, id], oldest, false, true));
        if (record.length) {
          store.put(record, [owner, id, number]);
          writtenTo = database;
        }
        for (const [source] of taken) store.delete(range(source));
      });
      order = Promise.allSettled([done, order]).then(([{ reason }]) => {
        if (reason) {
          // What was to go is there still.
          numbers = [...gone, ...numbers.filter((other) => other !== number)];
          for (const [source, free] of taken) sources.set(source, free);
          trouble(reason);
        } else for (const [, free] of taken) free();
        core.stored(!reason);
      });
    },
    load: async () => result(objects().getAll(range(id))),
    tell: (until) => channel?.postMessage(until),
    freeze() {
      isFrozen = true;
      // Who looked for logs while the first record was on its way saw neither that nor the lock.
      channel?.postMessage(id);
      // Until it is known who has the log nothing is written, or it would look as if it were kept.
      isReady &&= false;
      stop();
    },
    thaw() {
      if (!waits) begin();
    },
    erase() {
      if (isReady === undefined) return waiting.push(() => log.erase());
      commit((store) => store.delete(range())).catch(trouble);
    },
  };
  return log;
}
