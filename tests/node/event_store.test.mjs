// A log over an EventStore of the user's own, whatever that does.

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { storeLog } from "../../src/platform/event_store.js";

const bytes = (text) => new TextEncoder().encode(text);

/** A store that keeps texts, does one call after the other, and fails where it is told to. */
class Store {
  records = [];
  calls = [];
  /** Names of calls that fail: before, or after they are done. */
  fails = { before: [], after: [] };
  #isBusy = false;

  async #call(name, act) {
    this.calls.push(name);
    assert.ok(!this.#isBusy, `${name} began before the call before it had ended`);
    this.#isBusy = true;
    await new Promise(setImmediate);
    this.#isBusy = false;
    if (this.fails.before[0] === name) throw Error(`${this.fails.before.shift()} failed`);
    const answer = act();
    if (this.fails.after[0] === name) throw Error(`${this.fails.after.shift()} failed`);
    return answer;
  }
  append(records) {
    return this.#call("append", () => {
      this.records.push(...records.map((record) => new TextDecoder().decode(record)));
    });
  }
  load() {
    return this.#call("load", () => this.records.map(bytes));
  }
  remove(count) {
    return this.#call("remove", () => void this.records.splice(0, count));
  }
}

/** A core that writes down what it hears, and stores at once what it adopts. */
function start(store, adopts = (texts, log) => texts.length && log.write(texts.join(), 0)) {
  const log = storeLog(store);
  const heard = [];
  const core = {
    load: () => heard.push("load"),
    adopt(records) {
      heard.push(`adopt ${records.join()}`);
      adopts(records, log);
    },
    stored: (done) => heard.push(done ? "stored" : "not stored"),
    trouble: (message) => heard.push(message),
    thawed: (kept) => heard.push(kept),
  };
  log.open(core);
  /** Resolves when all that was asked is done. */
  const done = async () => {
    // Once for what was asked already, once for what that asked for.
    await log.load();
    return log.load();
  };
  return { log, heard, done };
}

const unhandled = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
afterEach(() => assert.deepEqual(unhandled, []));

test("records are appended and removed in order, one call after the other", async () => {
  const store = new Store();
  const { log, heard, done } = start(store);
  for (const text of "abc") log.write(text, 0);
  log.write("d", 2);
  log.write("", 1);
  await done();
  assert.deepEqual(store.records, ["d"]);
  assert.deepEqual(heard, ["load", "adopt ", ...Array(5).fill("stored")]);
});

test("what is there is adopted, and goes when what adopts it has stored it", async () => {
  const store = new Store();
  store.records = ["a", "b"];
  const { log, heard, done } = start(store);
  // Written before anything was read: the old records must outlive it.
  log.write("new", 0);
  await done();
  assert.deepEqual(heard, ["load", "adopt a,b", "stored", "stored"]);
  assert.deepEqual(store.calls, ["load", "append", "load", "append", "remove", "load"]);
  assert.deepEqual(store.records, ["new", "a,b"]);
});

test("what is there and of no use goes with the next write", async () => {
  const store = new Store();
  store.records = ["junk"];
  const { log, done } = start(store, () => {});
  await done();
  assert.deepEqual(store.records, ["junk"]);
  log.write("a", 0);
  await done();
  assert.deepEqual(store.records, ["a"]);
});

for (const when of ["before", "after"]) {
  test(`an append that fails ${when} it is done is told, once, and the right records are removed later`, async () => {
    const store = new Store();
    const { log, heard, done } = start(store);
    log.write("a", 0);
    await done();
    store.fails[when] = ["append", "append"];
    log.write("b", 0);
    log.write("b", 0);
    log.write("b again", 0);
    log.write("c", 0);
    await done();
    assert.deepEqual(heard.slice(2), [
      "stored",
      "events are not stored: Error: append failed",
      "not stored",
      "not stored",
      "stored",
      "stored",
    ]);
    // "a" and "b again".
    log.write("", 2);
    await done();
    assert.deepEqual(store.records, ["c"]);
  });

  test(`a removal that fails ${when} it is done is made up for, and the record is stored`, async () => {
    const store = new Store();
    const { log, heard, done } = start(store);
    for (const text of "ab") log.write(text, 0);
    await done();
    store.fails[when] = ["remove"];
    log.write("c", 1);
    log.write("d", 0);
    await done();
    assert.deepEqual(store.records, ["b", "c", "d"]);
    assert.deepEqual(heard.slice(4), [
      "events are not stored: Error: remove failed",
      "stored",
      "stored",
    ]);
  });
}

test("a store that cannot be read is left alone: it goes on in memory", async () => {
  const store = new Store();
  store.records = ["old"];
  store.fails.before = ["load"];
  const { log, heard, done } = start(store);
  log.write("a", 0);
  log.write("b", 1);
  const kept = await done();
  assert.deepEqual(kept, ["b"]);
  assert.deepEqual(store.calls, ["load"]);
  assert.deepEqual(heard, [
    "load",
    "events are not stored: Error: load failed",
    "adopt ",
    "stored",
    "stored",
  ]);
});

for (const [what, load, words] of [
  [
    "throws",
    () => {
      throw Error("no disk");
    },
    /no disk/,
  ],
  ["gives no array", () => Promise.resolve("text"), /not a function/],
  ["gives no promise", () => [bytes("a")], undefined],
]) {
  test(`load() that ${what}`, async () => {
    const { heard, done } = start({ load, append: async () => {}, remove: async () => {} });
    await done();
    if (words) assert.match(heard[1], words);
    else assert.deepEqual(heard, ["load", "adopt a", "stored"]);
  });
}

test("what was held before load() threw is written after it, in memory", async () => {
  const store = {
    load() {
      throw Error("no disk");
    },
    append: async () => {},
    remove: async () => {},
  };
  const { heard, done } = start(store, (_, log) => log.write("held", 0));
  assert.deepEqual(await done(), ["held"]);
  assert.deepEqual(heard.slice(2), ["adopt ", "stored"]);
});

test("load() that never ends is given up after five seconds", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const { heard, done } = start({ load: () => new Promise(() => {}) });
    mock.timers.tick(5000);
    await done();
    assert.deepEqual(heard, [
      "load",
      "events are not stored: load() takes longer than 5000 ms",
      "adopt ",
    ]);
  } finally {
    mock.timers.reset();
  }
});

test("erasing removes all, and what follows is stored", async () => {
  const store = new Store();
  store.records = ["old"];
  const { log, done } = start(store, () => {});
  log.write("a", 0);
  log.erase();
  await done();
  assert.deepEqual(store.records, []);
  log.write("b", 0);
  await done();
  assert.deepEqual(store.records, ["b"]);
});
