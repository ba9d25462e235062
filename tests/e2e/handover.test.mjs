// Tabs with clients, and a collector that is busy: who delivers what a tab that is gone had accepted.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { collector, isRefused, settled, site } from "./collector.mjs";
import { eventually } from "./app.mjs";
import { launchBrowser } from "./launch.mjs";

const OPTIONS = { consent: "granted", flushInterval: 50 };

let place, pages, browser, context;

before(async () => {
  pages = await site();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  pages.close();
});
test.beforeEach(async () => {
  place = await collector();
  context = await browser.newContext();
});
test.afterEach(async () => {
  await context.close();
  await place.down();
});

async function open() {
  const tab = await context.newPage();
  await tab.goto(pages.url);
  await tab.waitForFunction("window.start");
  await tab.evaluate(([url, options]) => start(url, options), [place.url, OPTIONS]);
  return tab;
}
/** How many records IndexedDB has. */
const stored = (tab) =>
  tab.evaluate(
    () =>
      new Promise((resolve) => {
        const open = indexedDB.open("sluicebox", 1);
        open.onupgradeneeded = () => open.transaction.abort();
        open.onerror = () => resolve(0);
        open.onsuccess = () => {
          open.result.transaction("sluicebox").objectStore("sluicebox").count().onsuccess = ({
            target,
          }) => {
            open.result.close();
            resolve(target.result);
          };
        };
      }),
  );
/** Resolves when the collector has asked for a second of patience, as it does until it is well again. */
function refused(tab) {
  place.refuses = 503;
  return tab.waitForResponse((response) => response.status() === 503);
}
const wellAgain = () => (place.refuses = undefined);
const once = (count) =>
  eventually(`${count} events`, () => place.count() >= count).then(() => {
    assert.deepEqual([place.count(), place.repeated()], [count, []]);
  });

test("another tab delivers what a closed one had stored, and nothing stays behind", async () => {
  const [tab, other] = [await open(), await open()];
  const isBusy = refused(tab);
  await tab.evaluate(() => track(0, 20));
  await isBusy;
  await eventually("it is stored", () => stored(tab));
  await tab.close();
  await isRefused(other, place);
  wellAgain();
  await once(20);
  await other.evaluate(settled(30_000));
  await eventually("nothing stays", async () => !(await stored(other)));
});

test("a page comes back from the back/forward cache and delivers what it held", async () => {
  const tab = await open();
  const isBusy = refused(tab);
  await tab.evaluate(() => {
    addEventListener("pageshow", ({ persisted }) => (window.cameBack = persisted));
    track(0, 5);
  });
  await isBusy;
  await eventually("it is stored", () => stored(tab));
  await tab.goto(`${pages.url}/blank`);
  await tab.goBack({ waitUntil: "commit" });
  await tab.waitForFunction("window.client");
  assert.equal(await tab.evaluate("window.cameBack"), true, "it was loaded anew");
  wellAgain();
  await once(5);
  assert.equal((await tab.evaluate(settled(30_000))).pending, 0);
});

test("what a cached page held is delivered by another tab, and not again when it is back", async () => {
  const [tab, other] = [await open(), await open()];
  const isBusy = refused(tab);
  await tab.evaluate(() => {
    addEventListener("pageshow", ({ persisted }) => (window.cameBack = persisted));
    track(0, 5);
  });
  await isBusy;
  await eventually("it is stored", () => stored(tab));
  await tab.goto(`${pages.url}/blank`);
  await isRefused(tab, place);
  wellAgain();
  await once(5);
  await tab.goBack({ waitUntil: "commit" });
  await tab.waitForFunction("window.client");
  assert.equal(await tab.evaluate("window.cameBack"), true, "it was loaded anew");
  await tab.evaluate(() => track(5, 8));
  await once(8);
  const { pending: left } = await tab.evaluate(settled(30_000));
  assert.equal(left, 0);
});
