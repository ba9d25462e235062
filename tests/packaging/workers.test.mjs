// Workers of a page, from the package's own files and bundled into one: what they track is delivered.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build } from "esbuild";
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

const CASES = [
  ["module worker", { worker: "module", type: "module" }],
  ["classic worker, bundled", { worker: "module.bundled" }],
  ["service worker, a module", { kind: "service", worker: "service", type: "module" }],
  ["service worker, bundled", { kind: "service", worker: "service.bundled" }],
];

/** Where WebAssembly is refused. What may not import later imports the fallback itself. */
const REFUSED = [
  ["module worker", { worker: "module", type: "module" }],
  ["service worker", { kind: "service", worker: "service_fallback", type: "module" }],
  ["service worker, bundled", { kind: "service", worker: "service_fallback.bundled" }],
];

for (const [name, given] of CASES) {
  test(name, async (t) => {
    await delivers(t, name, given);
    const how = given.type ? "the package's files" : `one file by esbuild ${versionOf("esbuild")}`;
    row(`Chromium, ${name}`, "", how);
  });
}

for (const [name, given] of REFUSED) {
  test(`${name}, where WebAssembly is refused`, (t) =>
    delivers(t, `${name} refusing`, given, refusing(plane.url)));
}

async function delivers(t, name, given, policy) {
  const app = consumer("workers");
  const [entry, bundled] = given.worker.split(".");
  if (bundled) {
    await build({
      entryPoints: [app.at(`${entry}.js`)],
      outfile: app.at(`${given.worker}.js`),
      bundle: true,
      format: "iife",
      logLevel: "error",
    });
  }
  const site = await startSite(app.at(".."), policy);
  const page = await browser.newPage();
  t.after(async () => {
    await page.close();
    await site.stop();
  });
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  const key = name.replace(/\W+/g, "-");
  const query = new URLSearchParams({ ...given, key, to: plane.url });
  await page.goto(`${site.url}workers/?${query}`);
  const stored = await plane.stored(key).catch((error) => error);
  assert.deepEqual([stored, complaints], [["Opened"], []]);
}
