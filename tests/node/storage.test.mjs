// The option `storage` with an EventStore: what a process could not deliver, the next one does.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, mock, test } from "node:test";
import { Collector } from "sluicebox";
import { fileStore } from "sluicebox/node";
import { at } from "../../pkg/scripts/lib.mjs";
import { refuses } from "./errors.mjs";
import { eventually as until } from "./live.mjs";

let server, endpoint, status, arrived, folder;

before(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      if (status === 200) arrived.push(...JSON.parse(body).map(({ n }) => n));
      response.writeHead(status).end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${server.address().port}/v1`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluicebox-"));
  [status, arrived] = [503, []];
});
afterEach(() => rmSync(folder, { recursive: true }));

const OPTIONS = { compression: "none", flushInterval: 20 };

const PROCESS = `
  import { Collector } from "sluicebox";
  import { fileStore } from "sluicebox/node";
  const [endpoint, path] = process.argv.slice(-2);
  const collector = new Collector("key", {
    endpoint, storage: fileStore(path), ...${JSON.stringify(OPTIONS)},
    onError: (error) => console.error(error),
  });
  collector.start();
  for (let n = 0; n < 100; n++) collector.collect("clicks", { n });
  setInterval(() => {}, 1000);
`;

test("a process is killed while the server is away: the next one delivers all, in order", async () => {
  const script = at(`tests/node/.process-${process.pid}.mjs`);
  writeFileSync(script, PROCESS);
  const path = join(folder, "events");
  try {
    const child = spawn("node", [script, endpoint, path], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    // A file may be seen while it is written: only with the last of them all are there.
    const isStored = () => existsSync(path) && readFileSync(path, "latin1").includes('"n":99}');
    await until("events are stored", isStored);
    child.kill("SIGKILL");
    await ended;
  } finally {
    rmSync(script);
  }
  status = 200;
  const storage = fileStore(path);
  const collector = new Collector("key", { endpoint, storage, ...OPTIONS });
  collector.start();
  collector.collect("clicks", { n: 100 });
  await until("all arrived", () => arrived.length >= 101);
  assert.deepEqual(
    arrived,
    Array.from({ length: 101 }, (_, n) => n),
  );
  await collector.stop();
  assert.deepEqual(await storage.load(), [], "a process that ends now leaves nothing");
  await storage.close();
});

test("a store that fails is told once, and everything is delivered", async () => {
  status = 200;
  const errors = [];
  const fail = () => Promise.reject(Error("no disk"));
  const collector = new Collector("key", {
    endpoint,
    ...OPTIONS,
    storage: { append: fail, load: async () => [], remove: fail },
    onError: (error, events) => errors.push([error.code, error.fault, error.message, events]),
  });
  collector.start();
  for (let n = 0; n < 10; n++) {
    collector.collect("clicks", { n });
    await collector.flush();
  }
  assert.deepEqual(arrived, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(errors, [["storage", "transport", "events are not stored: Error: no disk", []]]);
});

test("what is no store is refused by name", () => {
  for (const [storage, words] of [
    ["disk", /^"storage" must be "auto" or "none"$/],
    [7, /^"storage" must be "auto" or "none"$/],
    [{}, /^"storage" must have a function "append"$/],
    [{ append() {}, load() {} }, /^"storage" must have a function "remove"$/],
  ]) {
    refuses(() => new Collector("key", { endpoint, storage }), "invalid_argument", words);
  }
});

test("what an earlier run left is sent by one that only starts and stops, and before what is new", async () => {
  const path = join(folder, "events");
  /** A run that collects these while the server answers so, and stops when they are stored or sent: the ledger. */
  const run = async (answers, ...events) => {
    status = answers;
    const storage = fileStore(path);
    const collector = new Collector("key", { endpoint, storage, ...OPTIONS, batchSize: 1 });
    collector.start();
    collector.collect("clicks", events);
    const isStored = async () => (await storage.load()).length > 0;
    if (answers !== 200) await until("they are stored", isStored);
    const ledger = await collector.stop({ timeout: answers === 200 ? 60_000 : 100 });
    assert.equal((await storage.load()).length > 0, ledger.pending > 0);
    await storage.close();
    return ledger;
  };
  await run(503, { n: 1 }, { n: 2 });
  const { accepted, delivered, pending } = await run(200, { n: 3 });
  assert.deepEqual([accepted, delivered, pending], [3, 3, 0]);
  assert.deepEqual(arrived, [1, 2, 3]);
  await run(503, { n: 4 });
  assert.equal((await run(200)).delivered, 1);
  assert.deepEqual(arrived, [1, 2, 3, 4]);
});

/** A store in memory that is slow, by promises of its own making: `go()` lets the next call end. */
class SlowStore {
  records = [];
  calls = [];
  async #call(name) {
    await new Promise((go) => this.calls.push({ name, go }));
  }
  async append(records) {
    await this.#call("append");
    this.records.push(...records);
  }
  async load() {
    return this.records;
  }
  async remove(count) {
    await this.#call("remove");
    this.records.splice(0, count);
  }
}

test("flush waits until a slow store has removed what was delivered, and no longer than its timeout", async () => {
  status = 200;
  const storage = new SlowStore();
  const collector = new Collector("key", { endpoint, storage, ...OPTIONS });
  collector.start();
  collector.collect("clicks", { n: 1 });
  const told = [];
  collector
    .flush({ timeout: Infinity })
    .then(({ delivered }) => told.push(`${delivered} delivered`));
  const next = async (name) => {
    await until(`the store is asked to ${name}`, () => storage.calls.length);
    assert.deepEqual(told, [], name);
    assert.equal(storage.calls[0].name, name);
    storage.calls.shift().go();
  };
  await next("append");
  await next("remove");
  await until("it is told", () => told.length);
  assert.deepEqual(told, ["1 delivered"]);
  assert.deepEqual(storage.records, []);

  // One that never ends holds nobody up for longer than was asked.
  collector.collect("clicks", { n: 2 });
  await until("it is delivered", () => collector.ledger().delivered === 2);
  const { delivered } = await collector.stop({ timeout: 300 });
  assert.equal(delivered, 2);
});

test("a store that fails holds no flush up until it is tried again", async () => {
  status = 200;
  const fail = () => Promise.reject(Error("no disk"));
  const storage = { append: fail, load: async () => [], remove: fail };
  const collector = new Collector("key", { endpoint, ...OPTIONS, storage });
  collector.start();
  collector.collect("clicks", { n: 1 });
  const since = performance.now();
  assert.equal((await collector.stop({ timeout: 60_000 })).delivered, 1);
  assert.ok(performance.now() - since < 30_000);
});

test("a store that failed is tried again in time, also where the clock is set back meanwhile", async (t) => {
  const clocks = [Date.now.bind(Date), performance.now.bind(performance)];
  let appends = 0;
  const storage = {
    append: async () => {
      if (++appends < 2) throw Error("no disk");
    },
    load: async () => [],
    remove: async () => {},
  };
  const collector = new Collector("key", { endpoint, ...OPTIONS, storage });
  collector.start();
  collector.collect("clicks", { n: 1 });
  await until("the first attempt", () => appends === 1);
  await new Promise(setImmediate);
  t.mock.method(Date, "now", () => clocks[0]() - 3_600_000);
  t.mock.method(performance, "now", () => clocks[1]() + 10_000);
  collector.collect("clicks", { n: 2 });
  for (let turn = 0; turn < 1000 && appends < 2; turn++) await new Promise(setImmediate);
  assert.equal(appends, 2);
  await collector.stop({ timeout: 1 });
});

test("a store is written to at the end of each burst, with no timer: a Worker may have no later", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const records = [];
    const storage = {
      append: async (more) => void records.push(...more),
      load: async () => [],
      remove: async () => {},
    };
    const collector = new Collector("key", {
      endpoint,
      storage,
      fetch: () => new Promise(() => {}),
    });
    collector.start();
    const isStored = async (text) => {
      for (let turn = 0; turn < 1000; turn++) {
        if (records.some((record) => new TextDecoder().decode(record).includes(text))) return true;
        await new Promise(setImmediate);
      }
      return false;
    };
    for (const name of ["first", "second", "third"]) {
      collector.collect("clicks", { name });
      assert.ok(await isStored(`"name":"${name}"`), `the ${name} event is not stored`);
    }
  } finally {
    mock.timers.reset();
  }
});
