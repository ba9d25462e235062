// examples/dashboard: what was there and what comes is counted once, over a connection that breaks.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser } from "../e2e/launch.mjs";
import { network } from "../node/live.mjs";
import { build, folderOf, startServer, startSite } from "./places.mjs";

let server, site, browser;

before(async () => {
  await build("dashboard");
  server = await startServer();
  site = await startSite(`${folderOf("dashboard")}/dist`);
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  site?.close();
  await server?.close();
});

test("the page shows how many events of each name there are, and follows them", async (t) => {
  const between = await network(t, new URL(server.url).port);
  for (let n = 0; n < 3; n += 1) await server.insert({ event: "Ordered" });
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${site.url}/?events=${between.url}`);
  const shows = (text) =>
    page.waitForFunction(
      (text) => document.querySelector("#counts").innerText.replaceAll("\t", " ") === text,
      text,
    );
  await shows("Ordered 3");
  await server.insert({ event: "Ordered" });
  await server.insert({ event: "Signed Up" });
  await shows("Ordered 4\nSigned Up 1");

  between.cut();
  await server.insert({ event: "Signed Up" });
  await server.insert({ event: "Ordered" });
  await shows("Ordered 5\nSigned Up 2");
  assert.equal(await page.textContent("#state"), "live");
});
