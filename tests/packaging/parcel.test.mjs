// Parcel without a configuration: it reads "module" where others read "exports".

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { consumer, row, versionOf } from "./support/consumer.mjs";
import { startDataPlane } from "./support/data_plane.mjs";
import { refusing, startBrowser, startSite } from "./support/pages.mjs";

const BUILD = ["build", "index.html", "--no-cache", "--no-source-maps"];

let plane, browser;

before(async () => {
  plane = await startDataPlane();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await plane?.close();
});

test("Parcel", async () => {
  const app = consumer("parcel", ["page.js", "index.html"]);
  const said = await app.run("parcel", BUILD);
  assert.doesNotMatch(said, /warn/i);
  // What Parcel writes into the page itself is an inline script.
  const policy = "'self' 'unsafe-inline'";
  const bytes = await browser.deliversBoth("parcel", app.at("dist"), plane, { policy });
  row("Parcel", versionOf("parcel"), "`parcel build`", bytes);
});

test("Parcel with the entries that it does not read in exports", async (t) => {
  const app = consumer("parcel", ["page.js", "index.html"]);
  const page = readFileSync(app.at("page.js"), "utf8");
  writeFileSync(app.at("page.js"), `import "sluicebox/fallback";\n${page}`);
  await app.run("parcel", [...BUILD, "--dist-dir", "inside"]);
  const site = await startSite(app.at("inside"), refusing(plane.url, "'self' 'unsafe-inline'"));
  t.after(site.stop);
  await browser.delivers("parcel-inside", site.url, plane, { refused: true });
});
