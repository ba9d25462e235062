// Records in IndexedDB, in Chromium, when the browser refuses, stops or forgets: nothing that is in
// memory is lost, it is said once, and nothing is thrown.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./app.mjs";
import { startPages } from "./log_page.mjs";

let pages, context;

before(async () => (pages = await startPages()));
after(() => pages.stop());
test.beforeEach(async () => (context = await pages.browser.newContext()));
test.afterEach(async () => {
  for (const tab of context.pages()) {
    assert.deepEqual((await tab.evaluate(() => window.unhandled)) ?? [], []);
  }
  await context.close();
});

async function visit(url = pages.url) {
  const tab = await context.newPage();
  await tab.goto(url);
  await tab.waitForFunction("window.start");
  return tab;
}
/** With a log; `before` is done in the page first. */
async function open(before) {
  const tab = await visit();
  if (before) await tab.evaluate(before);
  await tab.evaluate(() => void start());
  return tab;
}
const heard = (tab, what) =>
  tab.waitForFunction((what) => core.heard.some((heard) => heard.startsWith(what)), what);
const troubles = async (tab) =>
  (await tab.evaluate(() => core.heard)).filter((what) => what.startsWith("trouble "));
const take = (tab, text) => tab.evaluate((text) => core.take(text), text);
const kept = async (tab) => (await tab.evaluate(() => kept())).map(([, text]) => text);
const isKept = (tab, text) =>
  eventually(`${text} is stored`, async () => (await kept(tab)).join() === text);

for (const [what, before, message] of [
  ["opening throws", () => (indexedDB.open = () => assert.fail()), "assert is not defined"],
  [
    "a newer version of the database is there",
    () =>
      new Promise((resolve) => {
        indexedDB.open("sluicebox", 2).onsuccess = ({ target }) => resolve(target.result.close());
      }),
    "version",
  ],
  [
    "someone else's database has the name",
    () =>
      new Promise((resolve) => {
        indexedDB.open("sluicebox").onsuccess = ({ target }) => resolve(target.result.close());
      }),
    "object stores was not found",
  ],
  [
    "opening waits for ever",
    () =>
      new Promise((resolve) => {
        indexedDB.open("sluicebox").onsuccess = () => resolve();
      }).then(
        // It waits for the connection above, which nobody closes, and all who open wait for it.
        () => void indexedDB.deleteDatabase("sluicebox"),
      ),
    "the database does not open",
  ],
  ["locks are refused", () => (navigator.locks.request = () => Promise.reject(Error("no"))), "no"],
]) {
  test(`${what}: it goes on in memory, and says so once`, async () => {
    const tab = await open(before);
    await take(tab, "a");
    await heard(tab, "trouble ");
    await heard(tab, "stored");
    await take(tab, "b");
    const [trouble, ...more] = await troubles(tab);
    assert.match(trouble, /^trouble events are not stored: /);
    assert.ok(trouble.includes(message), trouble);
    assert.deepEqual(more, []);
    assert.equal(await tab.evaluate(async () => (await core.log.load()).join()), "a,b");
  });
}

test("where opening takes long, sending does not wait for it, and all is stored later", async () => {
  const tab = await open(
    () =>
      new Promise((resolve) => {
        indexedDB.open("sluicebox").onsuccess = ({ target }) => {
          window.other = target.result;
          indexedDB.deleteDatabase("sluicebox");
          resolve();
        };
      }),
  );
  await take(tab, "a");
  await heard(tab, "adopt ");
  assert.deepEqual(await tab.evaluate(() => core.heard), ["load", "adopt "]);
  await tab.evaluate(() => other.close());
  await isKept(tab, "a");
  assert.deepEqual(await troubles(tab), []);
});

for (const [what, before] of [
  ["no secure context", undefined],
  ["no IndexedDB", () => delete Window.prototype.indexedDB && delete window.indexedDB],
  ["no Web Locks", () => delete Navigator.prototype.locks],
]) {
  test(`${what}: memory, without a word`, async () => {
    const tab = await visit(before ? pages.url : pages.insecureUrl);
    if (before) await tab.evaluate(before);
    await tab.evaluate(() => void start());
    await take(tab, "a");
    assert.deepEqual(await tab.evaluate(() => core.heard), ["stored"]);
    assert.equal(await tab.evaluate(async () => (await core.log.load()).length), 1);
  });
}

test("in a sandboxed frame, which may store nothing, it goes on in memory", async () => {
  const tab = await visit();
  const frame = await tab.evaluateHandle(
    (url) =>
      new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.sandbox = "allow-scripts";
        frame.src = url;
        frame.onload = () => resolve(frame);
        document.body.append(frame);
      }),
    pages.url,
  );
  const inside = await frame.contentFrame();
  await inside.waitForFunction("window.start");
  await inside.evaluate(() => void start());
  await take(inside, "a");
  await heard(inside, "stored");
  assert.deepEqual(await inside.evaluate(() => unhandled), []);
});

for (const [what, fail] of [
  [
    "a record is refused",
    () => {
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = () => {
        throw new DOMException("no room", "QuotaExceededError");
      };
      return () => (IDBObjectStore.prototype.put = put);
    },
  ],
  [
    "the transaction is aborted",
    () => {
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (...args) {
        put.apply(this, args);
        this.transaction.abort();
      };
      return () => (IDBObjectStore.prototype.put = put);
    },
  ],
  [
    "the connection is closed under it",
    () => {
      const { transaction } = IDBDatabase.prototype;
      IDBDatabase.prototype.transaction = () => {
        throw new DOMException("closing", "InvalidStateError");
      };
      return () => (IDBDatabase.prototype.transaction = transaction);
    },
  ],
]) {
  test(`${what}, again and again: said once, and all is stored when it is over`, async () => {
    const tab = await open();
    await heard(tab, "adopt");
    await take(tab, "a");
    await heard(tab, "stored");
    await tab.evaluate((fail) => {
      window.repair = eval(fail)();
    }, `(${fail})`);
    await take(tab, "b");
    await tab.waitForFunction(() => core.heard.filter((what) => what === "not stored").length > 3);
    await tab.evaluate(() => repair());
    await isKept(tab, "a,b");
    assert.equal((await troubles(tab)).length, 1);
  });
}

test("the quota is used up: said once, and all is stored when there is room again", async () => {
  const tab = await open();
  await heard(tab, "adopt");
  const session = await context.newCDPSession(tab);
  const quota = (quotaSize) =>
    session.send("Storage.overrideQuotaForOrigin", {
      origin: new URL(pages.url).origin,
      quotaSize,
    });
  await quota(1000);
  const large = "x".repeat(100_000);
  await take(tab, large);
  await heard(tab, "not stored");
  await quota(10_000_000);
  await isKept(tab, large);
  assert.match((await troubles(tab)).join(), /quota/i);
  assert.equal((await troubles(tab)).length, 1);
});

/** Notes when the page hears that its connection to the database is over: who is heard first is open. */
function noteClosing() {
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (...args) {
    const request = open.apply(this, args);
    request.addEventListener("success", ({ target }) => {
      for (const type of ["close", "versionchange"]) {
        target.result.addEventListener(type, () => (window.wasClosed = true));
      }
    });
    return request;
  };
}

const DELETED = {
  "another tab deletes the database": async (other) => {
    await other.evaluate(
      () => new Promise((resolve) => (indexedDB.deleteDatabase("sluicebox").onsuccess = resolve)),
    );
  },
  "the user clears the site's data": async (other) => {
    const session = await context.newCDPSession(other);
    await session.send("Storage.clearDataForOrigin", {
      origin: new URL(pages.url).origin,
      storageTypes: "all",
    });
  },
};
for (const [what, erase] of Object.entries(DELETED)) {
  test(`${what}: what follows is stored anew, and nothing is forgotten`, async () => {
    const [tab, other] = [await open(noteClosing), await visit()];
    await heard(tab, "adopt");
    await take(tab, "a");
    await heard(tab, "stored");
    await erase(other);
    await tab.waitForFunction("window.wasClosed");
    await take(tab, "b");
    await isKept(tab, "b");
    assert.deepEqual(await troubles(tab), []);
    await tab.evaluate(() => (core.log.freeze(), core.log.thaw()));
    await heard(tab, "kept");
  });

  test(`${what}, and a page thaws: what it stored is not taken for adopted`, async () => {
    const [tab, other] = [await open(noteClosing), await visit()];
    await heard(tab, "adopt");
    await take(tab, "a");
    await heard(tab, "stored");
    await erase(other);
    await tab.waitForFunction("window.wasClosed");
    await tab.evaluate(() => (core.log.freeze(), core.log.thaw()));
    await heard(tab, "kept");
  });
}

test("where records could not be removed, no others are when they are at last", async () => {
  const tab = await open();
  await heard(tab, "adopt");
  for (const text of ["a", "b", "c"]) await take(tab, text);
  await isKept(tab, "a,b,c");
  await tab.evaluate(() => {
    core.stored = (done) => core.heard.push(done ? "removed" : "not removed");
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = () => {
      throw new DOMException("closing", "InvalidStateError");
    };
    core.log.write("", 1);
    IDBDatabase.prototype.transaction = transaction;
  });
  await heard(tab, "not removed");
  await tab.evaluate(() => core.log.write("", 1));
  await heard(tab, "removed");
  await isKept(tab, "b,c");
});

test("what a page takes before it has its log again does not look like that log", async () => {
  const tab = await open();
  await heard(tab, "adopt");
  await take(tab, "a");
  await isKept(tab, "a");
  await tab.evaluate(() => core.log.freeze());
  const other = await open();
  await heard(other, "adopt a");
  await heard(other, "stored");
  await tab.evaluate(() => (core.log.thaw(), core.take("b")));
  await heard(tab, "taken");
  assert.equal((await kept(tab)).join(), "a");
});

test("what is no record is not adopted, and harms no other log", async () => {
  const tab = await open();
  await heard(tab, "adopt");
  await take(tab, "a");
  await heard(tab, "stored");
  await tab.evaluate(
    () =>
      new Promise((resolve) => {
        const request = indexedDB.open("sluicebox");
        request.onsuccess = ({ target: { result } }) => {
          const transaction = result.transaction("sluicebox", "readwrite");
          transaction.objectStore("sluicebox").put("junk", ["owner", "aaaa", 0]);
          transaction.oncomplete = () => resolve(result.close());
        };
      }),
  );
  await tab.close();
  const page = await open();
  await heard(page, "adopt a");
});
