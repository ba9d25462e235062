// Workers of a page, from the package's own files, as bundlers find them, and bundled into one file: what they
// track is delivered, also where WebAssembly is refused.

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { consumer, row, versionOf, webpack } from "./support/consumer.mjs";
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

const worker = true;

/** A service worker may import nothing later, so there is the fallback from the beginning. */
const CASES = [
  ["module worker", { file: "module", type: "module" }],
  ["classic worker", { file: "module.bundled" }],
  ["service worker, a module", { kind: "service", file: "service", type: "module" }],
  ["service worker", { kind: "service", file: "service.bundled" }],
  ["module worker", { file: "module", type: "module" }, true],
  ["service worker, a module", { kind: "service", file: "service_fallback", type: "module" }, true],
  ["service worker", { kind: "service", file: "service_fallback.bundled" }, true],
];

for (const [name, given, refused] of CASES) {
  const how = given.type ? "the package's files" : `one file by esbuild ${versionOf("esbuild")}`;
  test(`${name}, ${how}${refused ? ", where WebAssembly is refused" : ""}`, async (t) => {
    const app = consumer("workers");
    await bundled(app, given.file);
    const site = await startSite(app.at(".."), refused && refusing(plane.url));
    t.after(site.stop);
    const key = `${name.replace(/\W+/g, "-")}-${how.length}-${refused}`;
    const url = `${site.url}workers/?${new URLSearchParams(given)}`;
    await browser.delivers(key, url, plane, { worker });
    row(`Chromium, ${name}`, "", refused ? `${how}, WebAssembly refused` : how);
  });
}

async function bundled(app, file) {
  const [entry, isOne] = file.split(".");
  if (!isOne) return;
  await build({
    entryPoints: [app.at(`${entry}.js`)],
    outfile: app.at(`${file}.js`),
    bundle: true,
    format: "iife",
    // It says that there is no import.meta in such a file, which the package knows.
    logLevel: "error",
  });
}

const PAGE = ["index.html"];

test("a module worker that Vite finds", async () => {
  const app = consumer("worker_bundled", PAGE);
  await app.run("vite", ["build", "--logLevel", "warn"]);
  await browser.deliversBoth("vite-worker", app.at("dist"), plane, { worker });
  row("Vite", versionOf("vite"), "`new Worker(new URL(…))`");
});

test("a module worker that webpack finds", async () => {
  const app = consumer("worker_bundled", PAGE);
  const { errors, warnings } = await webpack(app, app.at("webpack"));
  assert.deepEqual([errors, warnings], [[], []]);
  copyFileSync(app.at("index.html"), app.at("webpack/index.html"));
  await browser.deliversBoth("webpack-worker", app.at("webpack"), plane, { worker });
  row("webpack, production", versionOf("webpack"), "`new Worker(new URL(…))`");
});
