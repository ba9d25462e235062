// Streamer in Chromium: what the service did not take survives a reload.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { at } from "../../pkg/scripts/lib.mjs";
import { eventually } from "./app.mjs";
import { launchBrowser } from "./launch.mjs";

const PAGE = `<!doctype html><title>Probe</title><script type="module">
  import { Streamer } from "/sluicebox.js";
  window.make = (options) => new Streamer({ accessKey: "secret", bucketKey: "bk", endpoint: location.origin, ...options });
</script>`;

let server, url, browser, status, posted;

before(async () => {
  const client = readFileSync(at("pkg/dist/index.js"));
  server = createServer((request, response) => {
    if (request.url === "/sluicebox.js") {
      return response.setHeader("content-type", "text/javascript").end(client);
    }
    if (request.method === "GET") return response.setHeader("content-type", "text/html").end(PAGE);
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      posted.push([request.url, JSON.parse(text)]);
      response.writeHead(status).end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${server.address().port}/`;
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  server.closeAllConnections();
  server.close();
});

async function open(context) {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction("window.make");
  return page;
}

test("missed events survive a reload, do not show the key, and are delivered by one call", async () => {
  [status, posted] = [403, []];
  const context = await browser.newContext();
  const first = await open(context);
  await first.evaluate(async () => {
    const streamer = make();
    streamer.log("t", 1, 5);
    streamer.log("t", 2, 6);
    await streamer.flush();
  });
  const stored = await first.evaluate(() => JSON.stringify({ ...localStorage }));
  assert.match(stored, /"sluicebox\.missed\./);
  assert.ok(!stored.includes("secret"));
  await first.close();

  [status, posted] = [204, []];
  const second = await open(context);
  const [missed, ledger, left] = await second.evaluate(async () => {
    const streamer = make();
    const missed = await streamer.missedEvents();
    return [missed, await streamer.replayMissedEvents(), await streamer.missedEvents()];
  });
  const events = [
    { key: "t", value: 1, epoch: 5 },
    { key: "t", value: 2, epoch: 6 },
  ];
  assert.deepEqual([missed, ledger.delivered, left], [[events], 2, []]);
  assert.deepEqual(
    posted.map(([path]) => path),
    ["/api/buckets", "/api/events"],
  );
  assert.deepEqual(posted[1][1], events);
  assert.equal(await second.evaluate(() => localStorage.length), 0);
});

test("two tabs keep what both miss, and storage that is full or forbidden loses nothing", async () => {
  [status, posted] = [402, []];
  const context = await browser.newContext();
  const [one, two] = [await open(context), await open(context)];
  const miss = (page, value) =>
    page.evaluate(async (value) => {
      window.streamer ??= make();
      streamer.log("t", value, 5);
      await streamer.flush();
      return (await streamer.missedEvents()).map((batch) => batch.map(({ value }) => value));
    }, value);
  /** What one tab stores the other sees a moment later, as the browser has it. */
  const sees = (page, wanted) =>
    eventually(`it sees ${JSON.stringify(wanted)}`, async () => {
      const seen = await page.evaluate(() => (window.streamer ??= make()).missedEvents());
      const values = seen.map((batch) => batch.map(({ value }) => value));
      return JSON.stringify(values) === JSON.stringify(wanted);
    });
  assert.deepEqual(await miss(one, 1), [[1]]);
  await sees(two, [[1]]);
  assert.deepEqual(await miss(two, 2), [[1], [2]]);
  await sees(one, [[1], [2]]);
  assert.deepEqual(await miss(one, 3), [[1, 3], [2]]);
  await Promise.all(Array.from({ length: 5 }, () => Promise.all([miss(one, 4), miss(two, 5)])));
  const both = [
    [1, 3, 4, 4, 4, 4, 4],
    [2, 5, 5, 5, 5, 5],
  ];
  await sees(one, both);
  assert.deepEqual(await miss(one, 6), [[...both[0], 6], both[1]]);
  await sees(two, [[...both[0], 6], both[1]]);
  await one.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  assert.deepEqual(await miss(one, 7), [[...both[0], 6, 7], both[1]]);
  assert.deepEqual(await miss(two, 8), [
    [...both[0], 6],
    [...both[1], 8],
  ]);
  await two.evaluate(() =>
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("forbidden", "SecurityError");
      },
    }),
  );
  assert.deepEqual(await miss(two, 9), [[9]]);
  assert.equal(await two.evaluate(async () => (await streamer.replayMissedEvents()).rejected), 9);
});

test("beyond 1 MiB the oldest batches give way, and onError is told each event", async (t) => {
  [status, posted] = [403, []];
  const context = await browser.newContext();
  const page = await open(context);
  const [given, kept, stored, milliseconds] = await page.evaluate(async () => {
    const given = [];
    const streamer = make({
      fetch: async () => new Response(null, { status: 403 }),
      onError: ({ code }, events) =>
        code === "storage" && given.push(...events.map(({ epoch }) => epoch)),
    });
    const since = performance.now();
    for (let epoch = 0; epoch < 800; epoch++) streamer.log("t", "x".repeat(2000), epoch);
    await streamer.close();
    const milliseconds = performance.now() - since;
    const kept = (await streamer.missedEvents()).flat().map(({ epoch }) => epoch);
    const entries = Object.entries(localStorage).flat();
    return [given, kept, entries.reduce((sum, text) => sum + text.length, 0), milliseconds];
  });
  t.diagnostic(`${milliseconds.toFixed(0)} ms for 800 events in 80 requests`);
  assert.deepEqual([...given, ...kept], [...Array(800).keys()]);
  assert.ok(stored > 1000 * 1024 && stored <= 1024 * 1024, `${stored} characters`);
  await page.close();
  const next = await open(context);
  const left = await next.evaluate(async () => (await make().missedEvents()).flat().length);
  assert.equal(left, kept.length);
});

test('storage: "none" writes nothing', async () => {
  [status, posted] = [403, []];
  const page = await open(await browser.newContext());
  const [missed, stored] = await page.evaluate(async () => {
    const streamer = make({ storage: "none" });
    streamer.log("t", 1);
    await streamer.close();
    return [(await streamer.missedEvents()).length, localStorage.length + document.cookie.length];
  });
  assert.deepEqual([missed, stored], [1, 0]);
});
