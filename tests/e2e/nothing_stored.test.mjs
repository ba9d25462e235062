// `storage: "none"` in Chromium: no place where a page can keep something is even asked for.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { at } from "../../pkg/scripts/lib.mjs";
import { eventually } from "./app.mjs";
import { launchBrowser } from "./launch.mjs";

const PLACES = [
  "indexedDB",
  "localStorage",
  "sessionStorage",
  "caches",
  "cookieStore",
  "sharedStorage",
  "BroadcastChannel",
];
const OF_NAVIGATOR = ["storage", "storageBuckets", "locks", "serviceWorker"];

/** In the page, before anything else: notes who asks for one of them. */
function spy([places, ofNavigator]) {
  window.asked = [];
  const watch = (target, name, label) => {
    const value = target[name];
    Object.defineProperty(target, name, {
      configurable: true,
      get: () => (
        asked.push(label),
        typeof value === "function" && !value.prototype ? value.bind(target) : value
      ),
      set: () => asked.push(`${label} =`),
    });
  };
  for (const name of places) if (name in window) watch(window, name, name);
  for (const name of ofNavigator)
    if (name in navigator) watch(navigator, name, `navigator.${name}`);
  const { get } = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  Object.defineProperty(document, "cookie", {
    get: () => get.call(document),
    set: () => asked.push("cookie ="),
  });
}

let server, url, browser, posted;

before(async () => {
  const files = new Map(
    ["index.js", "durable.js"].map((name) => [
      name === "index.js" ? "/sluicebox.js" : `/${name}`,
      readFileSync(at(`pkg/dist/${name}`)),
    ]),
  );
  server = createServer((request, response) => {
    const file = files.get(request.url);
    if (file) return response.setHeader("content-type", "text/javascript").end(file);
    if (request.method === "GET") {
      response.setHeader("content-type", "text/html");
      return response.end(`<!doctype html><link rel="icon" href="data:,"><script type="module">
        window.sluicebox = await import("/sluicebox.js");
      </script>`);
    }
    posted.push(request.url);
    request.resume().on("end", () => response.end("OK"));
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

/** A visit that makes a client by `make`, and tracks, hides, shows and flushes. */
async function visit(make, storage) {
  posted = [];
  const page = await browser.newPage();
  await page.addInitScript(spy, [PLACES, OF_NAVIGATOR]);
  await page.goto(url);
  await page.waitForFunction("window.sluicebox");
  await page.evaluate(make, storage);
  await page.evaluate(async () => {
    for (const type of ["visibilitychange", "freeze", "resume"]) {
      document.dispatchEvent(new Event(type));
    }
    await client.flush();
  });
  return { page, asked: () => page.evaluate(() => [...new Set(asked)]) };
}

const CLIENTS = {
  Analytics: (storage) => {
    window.client = new sluicebox.Analytics({
      writeKey: "wk",
      dataPlaneUrl: location.origin,
      consent: "granted",
      trackPages: true,
      storage,
    });
    client.identify("u", { plan: "pro" });
    client.track("sold", { n: 1 });
    client.reset();
  },
  Collector: (storage) => {
    window.client = new sluicebox.Collector("key", { endpoint: `${location.origin}/v1`, storage });
    client.start();
    client.collect("clicks", { n: 1 });
  },
  Streamer: (storage) => {
    window.client = new sluicebox.Streamer({
      accessKey: "key",
      bucketKey: "b",
      endpoint: location.origin,
      storage,
    });
    client.log("temperature", 1);
  },
};

for (const [name, make] of Object.entries(CLIENTS)) {
  test(`${name} with storage "none" delivers, and asks for no place that keeps anything`, async () => {
    const { page, asked } = await visit(make, "none");
    assert.ok(posted.length > 0);
    assert.deepEqual(await asked(), []);
    assert.deepEqual(await page.evaluate(() => indexedDB.databases()), []);
    await page.close();
  });

  test(`${name} with storage "auto" does ask: the spy can see`, async () => {
    const { page, asked } = await visit(make, "auto");
    await page.waitForFunction(() => asked.includes("indexedDB"));
    assert.ok((await asked()).includes("navigator.locks"));
    await page.close();
  });
}

test("the names of what is stored show no key", async () => {
  const { page } = await visit(() => {
    window.fetch = () => new Promise(() => {});
    window.client = new sluicebox.Collector("very-secret", { endpoint: `${location.origin}/v1` });
    client.start();
    client.collect("clicks", { n: 1 });
    client.flush = async () => {};
  });
  const keys = () =>
    page.evaluate(
      () =>
        new Promise((resolve) => {
          const open = indexedDB.open("sluicebox", 1);
          open.onupgradeneeded = () => open.transaction.abort();
          open.onerror = () => resolve([]);
          open.onsuccess = () => {
            const store = open.result.transaction("sluicebox").objectStore("sluicebox");
            store.getAllKeys().onsuccess = ({ target }) => {
              open.result.close();
              resolve(target.result);
            };
          };
        }),
    );
  // Looking sooner would make the database, and the client wait for it.
  const isThere = async () => (await indexedDB.databases()).length > 0;
  await eventually("the database", () => page.evaluate(isThere));
  let found = [];
  const end = Date.now() + 30_000;
  while (!found.length && Date.now() < end) found = await keys();
  assert.equal(found.length, 1);
  const { held } = await page.evaluate(() => navigator.locks.query());
  const names = JSON.stringify([found, held.map(({ name }) => name)]);
  const encoded = Buffer.from("very-secret:").toString("base64");
  for (const secret of ["very-secret", encoded, "/v1"]) assert.ok(!names.includes(secret), names);
  await page.close();
});
