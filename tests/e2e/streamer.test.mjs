// Streamer in Chromium: what the service did not take survives a reload.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { at } from "../../pkg/scripts/lib.mjs";
import { launchBrowser } from "./app.mjs";

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

test("two tabs add to one list, and storage that is full or forbidden loses nothing", async () => {
  [status, posted] = [402, []];
  const context = await browser.newContext();
  const [one, two] = [await open(context), await open(context)];
  const miss = (page, value) =>
    page.evaluate(async (value) => {
      window.streamer ??= make();
      streamer.log("t", value, 5);
      await streamer.flush();
      return (await streamer.missedEvents()).flat().map(({ value }) => value);
    }, value);
  assert.deepEqual(await miss(one, 1), [1]);
  assert.deepEqual(await miss(two, 2), [1, 2]);
  assert.deepEqual(await miss(one, 3), [1, 2, 3]);
  await one.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  assert.deepEqual(await miss(one, 4), [1, 2, 3, 4]);
  assert.deepEqual(await miss(two, 5), [1, 2, 3, 5]);
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
