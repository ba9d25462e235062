// Pages built by esbuild and by Bun, which write one file unless told otherwise, and pages without a bundler.

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { build as esbuild } from "esbuild";
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

const PAGE = ["page.js", "index.html"];

const ESBUILD = { bundle: true, minify: true, format: "esm", logLevel: "silent" };

/** A page built by esbuild; nothing may be warned about. */
async function built(app, options) {
  const given = { absWorkingDir: app.folder, entryPoints: ["page.js"], outdir: app.at("dist") };
  const { warnings } = await esbuild({ ...given, ...ESBUILD, ...options });
  assert.deepEqual(warnings, []);
  copyFileSync(app.at("index.html"), app.at("dist/index.html"));
  return app.at("dist");
}

test("esbuild with splitting", async () => {
  const folder = await built(consumer("esbuild_splitting", PAGE), {
    splitting: true,
    conditions: ["production"],
  });
  const bytes = await browser.deliversBoth("esbuild-splitting", folder, plane);
  row("esbuild", versionOf("esbuild"), "`--splitting --conditions=production`", bytes);
});

test("esbuild with one file, and the core as JavaScript beside it", async () => {
  const app = consumer("esbuild_beside", PAGE);
  const folder = await built(app);
  copyFileSync(app.at("../node_modules/sluicebox/dist/fallback.js"), app.at("dist/fallback.js"));
  const bytes = await browser.deliversBoth("esbuild", folder, plane);
  row(
    "esbuild",
    versionOf("esbuild"),
    "`--bundle`, one file, with fallback.js copied beside it",
    bytes,
  );
});

test("esbuild with one file that has the core as JavaScript inside", async (t) => {
  const app = consumer("esbuild", PAGE);
  writeFileSync(app.at("page.js"), 'import "sluicebox/fallback";\n', { flag: "a" });
  const folder = await built(app);
  const site = await startSite(folder, refusing(plane.url));
  t.after(site.stop);
  const bytes = await browser.delivers("esbuild-inside", site.url, plane, { refused: true });
  row("esbuild", versionOf("esbuild"), "one file with `sluicebox/fallback`", bytes);
});

test("Bun's bundler", async () => {
  const app = consumer("bun_build", PAGE);
  await app.run("bun", ["build", "page.js", "--outdir", "dist", "--minify", "--splitting"]);
  copyFileSync(app.at("index.html"), app.at("dist/index.html"));
  copyFileSync(app.at("../node_modules/sluicebox/dist/fallback.js"), app.at("dist/fallback.js"));
  const bytes = await browser.deliversBoth("bun-build", app.at("dist"), plane);
  row(
    "Bun's bundler",
    versionOf("bun"),
    "`bun build --minify --splitting`, fallback.js copied beside",
    bytes,
  );
});

test("no bundler: an import map, or the package's own file", async () => {
  const app = consumer("files", ["page.js"]);
  const bytes = await browser.deliversBoth("import-map", app.at(".."), plane, {
    path: "files/",
    // An import map is an inline script.
    policy: "'self' 'unsafe-inline'",
  });
  row("no bundler", "", "an import map onto the package's files", bytes);
  const page = consumer("plain", PAGE);
  const source = readFileSync(page.at("page.js"), "utf8");
  const inPlace = '"../node_modules/sluicebox/dist/index.js"';
  writeFileSync(page.at("page.js"), source.replace('"sluicebox"', inPlace));
  await browser.deliversBoth("plain", page.at(".."), plane, { path: "plain/" });
  row("no bundler", "", "`<script type=module>` onto the package's files");
});
