// Parcel without a configuration: it reads "module" where others read "exports".

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { consumer, row, versionOf } from "./support/consumer.mjs";
import { startDataPlane } from "./support/data_plane.mjs";
import { refusing, startBrowser, startSite } from "./support/pages.mjs";

let plane, browser;

before(async () => {
  plane = await startDataPlane();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await plane?.close();
});

test("Parcel", async (t) => {
  const app = consumer("parcel", ["page.js", "index.html"]);
  const said = await app.run("parcel", ["build", "index.html", "--no-cache", "--no-source-maps"]);
  assert.doesNotMatch(said, /warn/i);
  // What Parcel writes into the page itself is an inline script.
  for (const policy of [undefined, refusing(plane.url, "'self' 'unsafe-inline'")]) {
    const site = await startSite(app.at("dist"), policy);
    t.after(site.stop);
    const refused = policy !== undefined;
    const key = refused ? "parcel-refusing" : "parcel";
    const bytes = await browser.delivers(key, site.url, plane, { refused });
    if (!refused) row("Parcel", versionOf("parcel"), "`parcel build`", bytes);
  }
});
