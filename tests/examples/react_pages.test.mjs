// examples/react-pages: the pages that a visitor sees are counted, once each.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "../e2e/app.mjs";
import { launchBrowser } from "../e2e/launch.mjs";
import { build, folderOf, install, startServer, startSite } from "./places.mjs";

let server, site, browser;

before(
  async () => {
    server = await startServer();
    await install("react-pages");
    await build("react-pages", { VITE_EVENTS: server.url });
    site = await startSite(`${folderOf("react-pages")}/dist`);
    browser = await launchBrowser();
  },
  { timeout: 500_000 },
);

after(async () => {
  await browser?.close();
  site?.close();
  await server?.close();
});

test("a visitor who looks at two products is three pages and what was done there", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(site.url);
  await page.click("text=lamp");
  await page.click("text=Add to cart");
  await page.click("text=All products");
  const arrived = async (count) => {
    const events = await server.items();
    return events.length >= count && events.reverse();
  };
  const events = await eventually("three pages and a product", () => arrived(4));
  assert.deepEqual(
    events.map(({ type, event, context }) => [event ?? type, context.page.path]),
    [
      ["page", "/"],
      ["page", "/products/lamp"],
      ["Product Added", "/products/lamp"],
      ["page", "/"],
    ],
  );
  assert.equal(new Set(events.map(({ anonymousId }) => anonymousId)).size, 1);

  // The last page is left at once after it was counted.
  await page.click("text=chair");
  await page.close();
  const last = (await eventually("the page that was left", () => arrived(5))).at(-1);
  assert.deepEqual([last.type, last.context.page.path], ["page", "/products/chair"]);
});
