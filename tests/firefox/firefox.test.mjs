// Firefox: the package as it is built, and the stream server that takes its events.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../e2e/app.mjs";
import {
  isRefused,
  recordsWith,
  SAFE_AFTER_MS,
  settled,
  site,
  VISIT,
  visit,
} from "../e2e/collector.mjs";
import { kill, launchFirefox, streamServer } from "./place.mjs";

const folder = mkdtempSync(join(tmpdir(), "sluicebox-firefox-"));
let browser, pages, place;

before(async () => (browser = await launchFirefox(folder)));
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

// An origin for each test: storage is its own.
beforeEach(async () => {
  pages = await site();
  place = await streamServer();
});
afterEach(async () => {
  const [first, ...more] = await browser.pages();
  for (const page of more) await page.close().catch(() => {});
  await first?.goto("about:blank").catch(() => {});
  pages.close();
  await place.down().catch(() => {});
});

async function opened() {
  const page = await browser.newPage();
  await page.goto(pages.url);
  await page.waitForFunction("window.start");
  return page;
}

async function started(options) {
  const page = await opened();
  const all = { flushInterval: 1000, batchSize: 500, ...options };
  await page.evaluate(`start("${place.url}", ${JSON.stringify(all)})`);
  return page;
}

async function laterVisit() {
  const page = await started();
  return page.evaluate(visit());
}

/** The numbers of the events that are kept, each as often as it is; without the later visit's. */
async function kept() {
  const items = await place.items();
  const ids = items.map(({ properties }) => properties.id).filter((id) => id < VISIT);
  return ids.sort((one, two) => one - two);
}

/**
 * All are kept once, and by its ledger the last page has nothing more to send. None was even sent twice,
 * but what a page handed over before it ever heard the server: nothing says that it arrived.
 */
async function allOnce(count, ledger, unheard = false) {
  await eventually("all events", async () => (await kept()).length >= count).catch(() => {});
  const ids = await kept();
  const all = await place.items();
  const repeated = unheard ? 0 : place.came() - all.length;
  const seen = { kept: new Set(ids).size, repeated, pending: ledger.pending };
  assert.deepEqual(seen, { kept: count, repeated: 0, pending: 0 });
}

/** What each face does in a page of its own, and what is kept of it. */
const FACES = {
  Collector: async (url) => {
    const client = new sluicebox.Collector("key", { endpoint: `${url}/v1` });
    client.start();
    client.collect("plays", { song: "a" });
    client.collect("plays", [{ song: "b" }, { song: "ž😀" }]);
    return (await client.stop()).delivered;
  },
  Streamer: async (url) => {
    const client = new sluicebox.Streamer({ accessKey: "key", bucketKey: "home", endpoint: url });
    client.log("temperature", 21.5);
    client.logObject({ door: "open", light: true }, { keyPrefix: "hall" });
    return (await client.close()).delivered;
  },
  Analytics: async (url) => {
    const client = new sluicebox.Analytics({ writeKey: "key", dataPlaneUrl: url });
    client.identify("u1", { plan: "pro" });
    client.track("Sold", { price: 9.5 });
    client.page("Home");
    return (await client.close()).delivered;
  },
  StreamClient: async (url) => {
    const client = new sluicebox.StreamClient(url);
    for (const id of ["1", "2", "3"]) await client.insert({ id });
    const items = await client.items({ where: { id: ["1", "3"] } });
    return items.map(({ id }) => id).join() === "3,1" ? 3 : 0;
  },
};

for (const [name, use] of Object.entries(FACES)) {
  test(`${name} delivers`, async () => {
    const page = await opened();
    assert.equal(await page.evaluate(use, place.url), 3);
    assert.deepEqual([(await place.items()).length, place.came()], [3, 3]);
  });
}

const LEAVES = {
  "for another one in the same task": async (page) => {
    await page.evaluate(`track(0, 200); location.href = "/blank"; undefined`).catch(() => {});
    await page.waitForFunction(`location.pathname === "/blank"`);
  },
  "because its tab is closed": async (page) => {
    await page.evaluate("track(0, 200)");
    await page.close();
  },
  "behind another tab, and is closed": async (page) => {
    await page.evaluate("track(0, 200)");
    // The other tab is in front: this one is hidden as users hide one.
    const other = await browser.newPage();
    await other.bringToFront();
    await page.waitForFunction(`document.visibilityState === "hidden"`, { polling: 20 });
    await page.close();
  },
};

for (const [how, leave] of Object.entries(LEAVES)) {
  test(`200 events of a page that leaves ${how}`, async () => {
    await leave(await started());
    await eventually("a request that the page left behind", async () => (await kept()).length > 0);
    // Firefox ends a page sooner than the first answer comes.
    await allOnce(200, await laterVisit(), true);
  });
}

test("500 events while connections are refused", async () => {
  const page = await started();
  await place.down();
  await page.evaluate("trackAll(500, 50, 50)");
  await place.up();
  await allOnce(500, await page.evaluate(settled(30_000)));
});

test("500 events while connections are refused, and the tab is closed before they are not", async () => {
  const page = await started();
  await place.down();
  await page.evaluate("trackAll(500, 50, 50)");
  await page.close();
  await isRefused(await opened(), place);
  await place.up();
  await allOnce(500, await laterVisit());
});

test("500 events while connections are refused, and Firefox is closed before they are not", async () => {
  const page = await started();
  await place.down();
  await page.evaluate("trackAll(500, 50, 50)");
  await browser.close();
  await place.up();
  browser = await launchFirefox(folder);
  await allOnce(500, await laterVisit());
});

test("500 events of a Firefox that is killed as a whole", async () => {
  // Nothing is sent by itself: only what is stored outlives the page.
  const page = await started({ flushInterval: 60_000, batchSize: 1000, batchBytes: 2_000_000 });
  await page.evaluate("trackAll(500, 10, 10)");
  await sleep(SAFE_AFTER_MS);
  // A machine that is busy may need longer than users are told.
  await eventually("the last event is stored", () => page.evaluate(recordsWith('"s499"')));
  await kill(browser);
  browser = await launchFirefox(folder);
  await allOnce(500, await laterVisit());
});
