// Records in IndexedDB, in Chromium: what outlives a page, and which tab takes it over.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./app.mjs";
import { startPages } from "./log_page.mjs";

let pages, context;

before(async () => (pages = await startPages()));
after(() => pages.stop());

/** A tab with a log, when it may write. */
async function open(owner = "owner") {
  const tab = await context.newPage();
  await tab.goto(pages.url);
  await tab.waitForFunction("window.start");
  await tab.evaluate((owner) => void start(owner), owner);
  await heard(tab, "adopt ");
  return tab;
}
const heard = (tab, what) => tab.waitForFunction((what) => core.heard.includes(what), what);
const take = async (tab, ...texts) => {
  await tab.evaluate((texts) => core.take(...texts), texts);
  await heard(tab, "stored");
};
const held = (tab) => tab.evaluate(() => core.held);
/** A page that is closed may hold its lock a moment longer than the next one takes to begin. */
const adopts = (tab, ...texts) =>
  eventually(`it has adopted ${texts}`, async () => (await held(tab)).join() === texts.join());
const kept = async (tab) => (await tab.evaluate(() => kept())).map(([, text]) => text);

test.beforeEach(async () => (context = await pages.browser.newContext()));
test.afterEach(async () => {
  for (const tab of context.pages()) {
    const unhandled = await tab.evaluate(() => window.unhandled).catch(() => []);
    assert.deepEqual(unhandled ?? [], []);
  }
  await context.close();
});

test("what an earlier visit stored is adopted by the next, once, oldest first", async () => {
  const earlier = await open();
  await take(earlier, "a", "b");
  await take(earlier, "c");
  await earlier.close();
  const page = await open();
  await adopts(page, "a", "b", "c");
  assert.deepEqual(await kept(page), ["a,b,c"]);
});

test("a reload keeps everything", async () => {
  const page = await open();
  for (let visit = 1; visit <= 3; visit++) {
    await take(page, String(visit));
    await page.reload();
    await page.waitForFunction("window.start");
    await page.evaluate(() => void start());
    await eventually("it is adopted", async () => (await held(page)).length === visit);
  }
  assert.deepEqual(await kept(page), ["1,2,3"]);
});

test("removing shortens the log from its old end", async () => {
  const page = await open();
  for (const text of "abcd") await page.evaluate((text) => core.take(text), text);
  await page.evaluate(() => core.log.write("", 2));
  await eventually("two are left", async () => (await kept(page)).join() === "c,d");
  await page.evaluate(() => core.log.write("e", 2));
  await eventually("one is left", async () => (await kept(page)).join() === "e");
});

for (const [end, act] of [
  ["closed", (tab) => tab.close()],
  [
    "crashed",
    async (tab) => {
      const session = await tab.context().newCDPSession(tab);
      const crashed = new Promise((resolve) => tab.once("crash", resolve));
      session.send("Page.crash").catch(() => {});
      await crashed;
    },
  ],
  ["on another page", (tab) => tab.goto("about:blank")],
]) {
  test(`one of ten other tabs adopts the log of a tab that is ${end}, as the browser tells it and not by the clock`, async () => {
    const tab = await open();
    const others = [];
    for (let index = 0; index < 10; index++) others.push(await open());
    await take(tab, "a", "b");
    for (const other of others) {
      await other.evaluate(() => (window.setTimeout = window.setInterval = () => 0));
    }
    await act(tab);
    await eventually(
      "another tab has it",
      async () => (await Promise.all(others.map(held))).flat().length > 0,
    );
    await eventually(
      "it is stored",
      async () => (await others[0].evaluate(() => kept())).length === 1,
    );
    assert.deepEqual((await Promise.all(others.map(held))).flat(), ["a", "b"]);
    assert.deepEqual(await kept(others[0]), ["a,b"]);
  });
}

test("tabs that begin together share what earlier visits left, and nobody has it twice", async () => {
  for (let visit = 0; visit < 5; visit++) {
    const tab = await open(`visit ${visit}`);
    await take(tab, `${visit}a`, `${visit}b`);
    await tab.evaluate(
      (visit) =>
        new Promise((resolve) => {
          const open = indexedDB.open("sluicebox");
          open.onsuccess = () => {
            const transaction = open.result.transaction("sluicebox", "readwrite");
            const store = transaction.objectStore("sluicebox");
            store.openCursor().onsuccess = ({ target: { result } }) => {
              if (!result) return;
              if (result.key[0] === `visit ${visit}`) {
                store.put(result.value, ["owner", result.key[1], result.key[2]]);
                result.delete();
              }
              result.continue();
            };
            transaction.oncomplete = () => {
              open.result.close();
              resolve();
            };
          };
        }),
      visit,
    );
    await tab.close();
  }
  const tabs = await Promise.all(Array.from({ length: 6 }, () => open()));
  const all = (await Promise.all(tabs.map(held))).flat().sort();
  assert.deepEqual(
    all,
    [0, 1, 2, 3, 4].flatMap((visit) => [`${visit}a`, `${visit}b`]),
  );
});

test("another owner's log is left alone", async () => {
  const other = await open("other");
  await take(other, "theirs");
  await other.close();
  const page = await open();
  assert.deepEqual(await held(page), []);
  assert.deepEqual(await kept(page), ["theirs"]);
});

test("tabs of one owner tell each other until when the server is in trouble", async () => {
  const [one, two, other] = [await open(), await open(), await open("other")];
  await one.evaluate(() => core.log.tell(1234));
  await heard(two, "told 1234");
  await two.evaluate(() => core.log.tell(0));
  await heard(one, "told 0");
  assert.ok(!(await other.evaluate(() => core.heard)).some((what) => what.startsWith("told")));
});

test("a record written while the page hides is stored when the page is gone", async () => {
  const tab = await open();
  await tab.evaluate(() => (core.hide = () => core.take("last words")));
  // Chromium may end a tab that is closed in the middle of a transaction.
  await tab.goto(`${pages.url}elsewhere`);
  const page = await open();
  await eventually("it has adopted them", async () => (await held(page))[0] === "last words");
});

/** To another page and back, with what happens in between. */
async function away(tab, meanwhile) {
  await tab.evaluate(() => {
    addEventListener("pageshow", ({ persisted }) => (window.cameBack = persisted));
  });
  await tab.goto(`${pages.url}elsewhere`);
  await meanwhile?.();
  await tab.goBack({ waitUntil: "commit" });
  await tab.waitForFunction("window.core");
  assert.equal(await tab.evaluate("window.cameBack"), true, "it was loaded anew");
}

test("a page comes back from the back/forward cache with its log, others running beside it", async () => {
  const tab = await open("alone");
  await take(tab, "a");
  await away(tab);
  await heard(tab, "kept");
  await tab.evaluate(() => core.take("b"));
  await eventually("it goes on", async () => (await kept(tab)).join() === "a,b");
});

test("a frozen page's log is adopted by another tab, and the page learns it", async () => {
  const [tab, other] = [await open(), await open()];
  await take(tab, "a");
  await away(tab, () => heard(other, "adopt a"));
  await heard(tab, "taken");
  // It holds its lock again, and hears of others again.
  await tab.evaluate(() => core.take("b"));
  await other.close();
  await heard(tab, "adopt a");
});

test("a frozen page's log is adopted by a tab that had not seen it", async () => {
  const other = await open();
  const page = await context.newPage();
  await page.goto(pages.url);
  await page.waitForFunction("window.start");
  // As if it had begun to write while the other one looked around.
  await page.evaluate(() => {
    const { postMessage } = BroadcastChannel.prototype;
    BroadcastChannel.prototype.postMessage = () =>
      (BroadcastChannel.prototype.postMessage = postMessage);
    start();
  });
  await heard(page, "adopt ");
  await take(page, "a");
  await page.evaluate(() => core.log.freeze());
  await adopts(other, "a");
});

test("a frozen page that had stored nothing goes on", async () => {
  const [tab] = [await open(), await open()];
  await away(tab);
  await heard(tab, "kept");
});

test("erasing leaves nothing of this owner, in no tab", async () => {
  const [one, two, other] = [await open(), await open(), await open("other")];
  await take(one, "a");
  await take(two, "b");
  await take(other, "theirs");
  await one.evaluate(() => core.log.erase());
  await eventually("it is gone", async () => (await kept(one)).join() === "theirs");
});
