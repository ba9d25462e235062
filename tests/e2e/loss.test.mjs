// No event is lost and none arrives twice: pages that leave, servers that are away or fail, and
// browsers that are killed. Every case ends with a later visit that sends what was left.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./app.mjs";
import {
  allOnce,
  collector,
  isRefused,
  RECORDS,
  recordsWith,
  SAFE_AFTER_MS,
  settled,
  site,
  visit,
} from "./collector.mjs";
import { launchProfile } from "./launch.mjs";

const OPTIONS = { flushInterval: 1000, batchSize: 500 };
/** Nothing is sent by itself: only what is stored outlives the page. */
const NOT_YET = { flushInterval: 60_000, batchSize: 1000, batchBytes: 2_000_000 };

const folder = mkdtempSync(join(tmpdir(), "sluicebox-loss-"));
let browser, pages, place;

before(async () => (browser = await launchProfile(folder)));
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

// An origin for each test: storage is its own.
beforeEach(async () => {
  pages = await site();
  place = await collector();
});
afterEach(async () => {
  for (const page of browser.context.pages()) await page.close().catch(() => {});
  pages.close();
  await place.down().catch(() => {});
});

/** Notes when the page's log is open: other tabs are told of it in the same task. */
const NOTE_OPEN = `
  const { postMessage } = BroadcastChannel.prototype;
  BroadcastChannel.prototype.postMessage = function (message) {
    window.logIsOpen = true;
    postMessage.call(this, message);
  };
  undefined`;

async function open(options) {
  const page = await browser.context.newPage();
  await page.goto(pages.url);
  await page.waitForFunction("window.start");
  await page.evaluate(NOTE_OPEN);
  await page.evaluate(`start("${place.url}", ${JSON.stringify({ ...OPTIONS, ...options })})`);
  return page;
}

/** Does so and does not wait for an answer that a page which leaves may not give. */
const leaving = (page, script) => page.evaluate(script).catch(() => {});

/** A page without a client. */
async function blank() {
  const page = await browser.context.newPage();
  await page.goto(`${pages.url}/blank`);
  return page;
}

async function laterVisit() {
  const page = await open();
  return page.evaluate(visit());
}

/** As the browser does on a phone that puts a page away. */
const HIDE = `
  Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
  Object.defineProperty(document, "hidden", { get: () => true });
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));`;

async function crash(page) {
  const crashed = page.waitForEvent("crash");
  page.goto("chrome://crash").catch(() => {});
  await crashed;
}

const LEAVES = {
  "for another one in the same task": async (page) => {
    await leaving(page, `track(0, 200); location.href = "/blank"; undefined`);
    await page.waitForURL("**/blank");
  },
  "because its tab is closed": async (page) => {
    await page.evaluate("track(0, 200)");
    await page.close();
  },
  "hidden, and is closed": async (page) => {
    await page.evaluate(`track(0, 200); ${HIDE} undefined`);
    await page.close();
  },
  "hidden, and its process is killed": async (page) => {
    await page.evaluate(`track(0, 200); ${HIDE} undefined`);
    await crash(page);
  },
};

for (const [how, leave] of Object.entries(LEAVES)) {
  test(`200 events of a page that leaves ${how}`, async () => {
    await leave(await open());
    await eventually("a request that the page left behind", () => place.count() > 0);
    await allOnce(place, 200, await laterVisit());
  });
}

test("what cannot outlive the page is not begun as it leaves, so nothing of it arrives twice", async () => {
  const page = await open();
  // Before its log is open, what a page cannot hand over is lost with it.
  await page.waitForFunction("window.logIsOpen");
  const track = `for (let id = 0; id < 240; id += 1) {
    const text = Array.from({ length: 1000 }, () => Math.floor(Math.random() * 36).toString(36));
    client.track("sold", { id, text: text.join("") });
  }`;
  await leaving(page, `${track} location.href = "/blank"; undefined`);
  await page.waitForURL("**/blank");
  await eventually("what fits", () => place.count() > 0);
  assert.ok(place.count() < 240, `${place.count()} came at once`);
  await allOnce(place, 240, await laterVisit());
});

/** A second client in the page, and events of random text, which compression makes hardly smaller. */
const TWO = `
  window.busy = window.client;
  start(%URL%, %OPTIONS%);
  window.other = window.client;
  window.bulk = (client, from, count, bytes) => {
    for (let id = from; id < from + count; id += 1) {
      const text = Array.from({ length: bytes }, () => Math.floor(Math.random() * 36).toString(36));
      client.track("sold", { id, text: text.join("") });
    }
  };
  undefined`;

test("what a hidden page has no room for, as another client of it took that, waits and arrives once", async () => {
  const page = await open();
  const values = [JSON.stringify(place.url), JSON.stringify(OPTIONS)];
  await page.evaluate(TWO.replace("%URL%", values[0]).replace("%OPTIONS%", values[1]));
  // The other one hides first, and is told of all the room; then busy uses it, and is not answered.
  await page.evaluate("bulk(other, 0, 1, 10), other.flush()");
  await page.evaluate("bulk(busy, 1, 1, 10), busy.flush()");
  place.faults.push("stall");
  await page.evaluate(`bulk(busy, 2, 2, 29_000); ${HIDE} bulk(other, 4, 1, 30_000); undefined`);
  await eventually("a request is stalled", () => place.faults.length === 0);
  assert.equal(place.count(), 2, "what had no room was sent in a form that dies with the page");
  // The room is given back with the first one's timeout.
  await eventually("what waited is there", () => place.count() === 5, 60_000);
  assert.deepEqual(place.repeated(), []);
  await page.close();
  await allOnce(place, 5, await laterVisit());
});

test("500 events while connections are refused", async () => {
  const page = await open();
  await place.down();
  await page.evaluate("trackAll(500, 50, 50)");
  await place.up();
  await allOnce(place, 500, await page.evaluate(settled(30_000)));
});

test("500 events while connections are refused, and the tab is closed before they are not", async () => {
  const page = await open();
  await place.down();
  await page.evaluate("trackAll(500, 50, 50)");
  await page.close();
  await isRefused(await blank(), place);
  await place.up();
  await allOnce(place, 500, await laterVisit());
});

// What a page handed over as it went, nobody may have taken.
for (const [how, leave] of Object.entries(LEAVES)) {
  test(`200 events of a page that leaves ${how}, while connections are refused`, async () => {
    const page = await open();
    await place.down();
    // What a page handed over before it ever heard of its server counts as taken, so this one has heard.
    const heard = page.waitForEvent("requestfailed");
    await page.evaluate("track(200, 201)");
    await heard;
    await eventually("the client stores", () => page.evaluate(RECORDS));
    await leave(page);
    await isRefused(await blank(), place);
    await place.up();
    await allOnce(place, 201, await laterVisit());
  });
}

test("500 events while the server fails, limits the rate, and does not answer", async () => {
  place.faults.push(500, 500, 429, "stall");
  const page = await open();
  await page.evaluate("trackAll(500, 50, 20)");
  await allOnce(place, 500, await page.evaluate(settled(30_000)));
});

/** A machine that is busy may need longer than users are told. */
async function safe(page) {
  await sleep(SAFE_AFTER_MS);
  await eventually("the last event is stored", () => page.evaluate(recordsWith('"s499"')));
}

test("500 events of a page whose process is killed", async () => {
  const page = await open(NOT_YET);
  await page.evaluate("trackAll(500, 10, 10)");
  await safe(page);
  await crash(page);
  await allOnce(place, 500, await laterVisit());
});

test("500 events of a browser that is killed as a whole", async () => {
  const page = await open(NOT_YET);
  await page.evaluate("trackAll(500, 10, 10)");
  await safe(page);
  await browser.kill();
  browser = await launchProfile(folder);
  await allOnce(place, 500, await laterVisit());
});
