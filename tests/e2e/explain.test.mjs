// `debug: true` in Chromium: what the console is told of events over pages and tabs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { collector, RECORDS, site } from "./collector.mjs";
import { eventually } from "./app.mjs";
import { launchBrowser } from "./launch.mjs";

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

/** A tab with a client; `said` is what its console was told, `loaded` which files it asked for. */
async function open(options) {
  const tab = await context.newPage();
  const [said, loaded] = [[], []];
  tab.on("console", (message) => said.push(message.text()));
  tab.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  await tab.goto(pages.url);
  await tab.waitForFunction("window.start");
  const all = { flushInterval: 50, ...options };
  await tab.evaluate(([url, options]) => start(url, options), [place.url, all]);
  const told = (pattern) =>
    eventually(`${pattern}\n${said.join("\n")}`, () => said.some((line) => pattern.test(line)));
  return { tab, said, loaded, told };
}

test("a page's first event is followed to its delivery", async () => {
  const { tab, said, told } = await open({ debug: true });
  await tab.evaluate(() => track(0, 2));
  await told(/^sluicebox analytics: #1 to #2: delivered$/);
  const words = [
    /: #1 accepted: track\("sold"\), id [-0-9a-f]{36}, .*; held in memory and in IndexedDB$/,
    /: #2 accepted: /,
    /: request 1 with #1 to #2: POST \S+\/v1\/batch, \d+ bytes of gzip, which outlives the page$/,
    /: request 1 was answered 200 after \d+ ms$/,
  ];
  let at = 0;
  for (const line of said) if (words[at]?.test(line)) at++;
  assert.equal(at, words.length, `${words[at]}\n${said.join("\n")}`);
  assert.ok(!said.join().includes("wk"), "the key is not shown");
});

test("without it nothing is told, and what explains is not loaded", async () => {
  const { tab, said, loaded } = await open();
  await tab.evaluate(async () => {
    track(0, 2);
    await client.flush();
  });
  assert.deepEqual(said, []);
  assert.ok(!loaded.includes("/explain.js"), loaded.join());
});

test("what a page that hides hands over is told, without the key in the address", async () => {
  const { tab, said, told } = await open({ debug: true, flushInterval: 60_000 });
  await tab.evaluate(() => track(0, 1));
  await told(/#1: delivered$/);
  await tab.evaluate(() => track(1, 3));
  // A page that is gone is heard by nobody, so it only says that it hides.
  await tab.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await told(/: the page hides, with 2 events held$/);
  await told(
    /: request 2 with #2 to #3: POST \S+\/beacon\/v1\/batch, \d+ bytes.*, as the page leaves$/,
  );
  await told(/: #2 to #3 are handed over$/);
  assert.ok(!said.join().includes("wk"), "the key is not shown");
});

test("a redirect is told, and is no acknowledgement", async () => {
  place.faults.push(302);
  const { tab, told } = await open({ debug: true });
  await tab.evaluate(() => track(0, 1));
  await told(/: request 1 was redirected after /);
  await told(/: request 2 with #1.*, attempt 2$/);
  await told(/: #1: delivered$/);
  assert.equal(place.count(), 1);
});

test("what another tab has left is told as taken over", async () => {
  place.refuses = 503;
  const first = await open();
  const refused = first.tab.waitForResponse((response) => response.status() === 503);
  await first.tab.evaluate(() => track(0, 3));
  await refused;
  await eventually("they are stored", () => first.tab.evaluate(RECORDS));
  const second = await open({ debug: true });
  await first.tab.close();
  await second.told(/: #1 taken over from an earlier visit or another tab: track\("sold"\)/);
  place.refuses = undefined;
  await second.told(/: #1 to #3: delivered$/);
});
