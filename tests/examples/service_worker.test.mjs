// examples/service-worker: events arrive when their page is gone, and when the whole browser was.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { eventually } from "../e2e/app.mjs";
import { launchProfile } from "../e2e/launch.mjs";
import { build, folderOf, startServer, startSite, temporary } from "./places.mjs";

before(() => build("service-worker"));

test("a service worker delivers for pages that are gone, and after the browser was killed", async (t) => {
  const server = await startServer();
  const site = await startSite(`${folderOf("service-worker")}/dist`);
  const profile = temporary(t);
  let browser = await launchProfile(profile);
  t.after(async () => {
    await browser.kill();
    site.close();
    await server.close();
  });
  const names = async () => (await server.items()).map(({ event }) => event).reverse();
  const visit = async () => {
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/?events=${server.url}`);
    return page;
  };
  const stored = (page) =>
    page.evaluate(async () => {
      const known = (await indexedDB.databases()).some(({ name }) => name === "undelivered");
      if (!known) return 0;
      const request = indexedDB.open("undelivered");
      const database = await new Promise((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
      const count = database.transaction("undelivered").objectStore("undelivered").count();
      const records = await new Promise(
        (resolve) => (count.onsuccess = () => resolve(count.result)),
      );
      database.close();
      return records;
    });

  let page = await visit();
  await eventually("the visit", async () => (await names()).includes("Opened"));
  await page.click("#buy");
  await page.close();
  await eventually(
    "what was done in a page that is gone",
    async () => (await names()).length === 2,
  );
  assert.deepEqual(await names(), ["Opened", "Bought"]);

  // What was delivered may be stored a moment longer, and would look like what follows.
  const file = await browser.context.newPage();
  await file.goto(`${site.url}/sw.js`);
  await eventually("nothing is stored", async () => (await stored(file)) === 0);
  await file.close();

  // Nothing can be delivered, and then the browser is killed.
  server.goAway();
  page = await visit();
  await eventually("it is stored", async () => (await stored(page)) > 0);
  await browser.kill();
  assert.equal((await names()).length, 2);

  server.comeBack();
  browser = await launchProfile(profile);
  await visit();
  await eventually("the next visit delivers it", async () => (await names()).length === 4, 60_000);
  const at = ({ originalTimestamp }) => originalTimestamp;
  const events = (await server.items()).sort((one, other) => (at(one) < at(other) ? -1 : 1));
  assert.deepEqual(
    events.map(({ event }) => event),
    ["Opened", "Bought", "Opened", "Opened"],
  );
  // Chromium writes local storage some seconds late, so a killed one may have forgotten its visitor.
  const visitors = events.slice(0, 3).map(({ anonymousId }) => anonymousId);
  assert.equal(new Set(visitors).size, 1);
});
