// A log over an EventStore that the user brings: append(records), load(), remove(count).
import { memoryLog } from "./log.js";

/** Milliseconds that the first load() may take: nothing is sent before. */
const LOAD_MAX = 5000;

/** What a record that is there is: to be removed, needed, found there and not yet adopted. */
const [GONE, NEEDED, FOUND] = [0, 1, 2];

/** What is no record of bytes is damaged, as an empty one is. */
function textOf(record) {
  try {
    return new TextDecoder().decode(record);
  } catch {
    return "";
  }
}

/** Calls of the store follow one another, and none that fails or throws is heard of outside. */
export function storeLog(store) {
  let core, memory, isAdopted, isTold, isUnsure;
  let queue;
  /** What is there, oldest first. */
  let states = [];

  const trouble = (error) => isTold || core.trouble((isTold = `events are not stored: ${error}`));

  /** Rejects where the record is not stored. */
  const put = async (text, remove, isAfter) => {
    for (let at = 0; remove > 0 && at < states.length; at++) {
      if (states[at] !== NEEDED) continue;
      states[at] = GONE;
      remove--;
    }
    if (isUnsure) {
      const { length } = await store.load();
      // What failed may have been done: a removal took the oldest, an append came last.
      states.splice(0, Math.max(0, states.length - length));
      while (states.length < length) states.push(GONE);
      isUnsure = false;
    }
    if (text) {
      await store.append([new TextEncoder().encode(text)]);
      states.push(NEEDED);
    }
    if (isAfter) states = states.map((state) => state % FOUND);
    const gone = [...states, NEEDED].findIndex(Boolean);
    if (!gone) return;
    try {
      await store.remove(gone);
      states.splice(0, gone);
    } catch (error) {
      fail(error);
    }
  };

  const fail = (error) => {
    isUnsure = true;
    trouble(error);
  };

  const load = async () => {
    if (core.ready) await core.ready;
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(reject, LOAD_MAX, `load() takes longer than ${LOAD_MAX} ms`);
    });
    let records = [];
    try {
      // Also one that throws is heard later: what is adopted follows in the queue.
      const found = new Promise((resolve) => resolve(store.load()));
      records = (await Promise.race([found, late])).map(textOf);
      states = records.map(() => FOUND);
    } catch (error) {
      records = [];
      memory = memoryLog();
      memory.open(core);
      trouble(error);
    }
    clearTimeout(timer);
    isAdopted = true;
    core.adopt(records);
  };

  return {
    open(own) {
      core = own;
      core.load();
      queue = load();
    },
    write(record, remove) {
      const isAfter = isAdopted;
      queue = queue.then(() =>
        memory
          ? memory.write(record, remove)
          : put(record, remove, isAfter).then(
              () => core.stored(true),
              (error) => {
                fail(error);
                core.stored(false);
              },
            ),
      );
    },
    load() {
      const records = queue.then(async () =>
        memory ? memory.load() : (await store.load()).map(textOf),
      );
      queue = records.catch(() => {});
      return records;
    },
    tell() {},
    freeze() {},
    thaw: () => core.thawed(true),
    erase() {
      queue = queue.then(() => {
        states = states.map(() => GONE);
        return memory || put("", 0).catch(fail);
      });
    },
  };
}
