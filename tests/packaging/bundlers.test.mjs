// Pages built by each bundler as its users run it, without a line of configuration for this package: each
// stores its event in IndexedDB, delivers it, and does both where WebAssembly is refused.

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { consumer, row, versionOf, webpack } from "./support/consumer.mjs";
import { startDataPlane } from "./support/data_plane.mjs";
import { startBrowser } from "./support/pages.mjs";

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

test("Vite", async () => {
  const app = consumer("vite", PAGE);
  assert.equal(await app.run("vite", ["build", "--logLevel", "warn"]), "");
  const bytes = await browser.deliversBoth("vite", app.at("dist"), plane);
  row("Vite", versionOf("vite"), "`vite build`", bytes);
});

test("Vite's development server", async (t) => {
  const app = consumer("vite_dev", PAGE);
  const server = await app.start(
    "vite",
    ["--host", "127.0.0.1", "--port", "0", "--no-open"],
    /(http:\/\/127\.0\.0\.1:\d+\/)/,
    { NO_COLOR: "1" },
  );
  t.after(server.stop);
  await browser.delivers("vite-dev", server.url, plane);
  row("Vite", versionOf("vite"), "`vite`, the development server");
});

test("a dependency of a dependency, with a copy of its own", async () => {
  const app = consumer("dependant", ["index.html"]);
  assert.equal(await app.run("vite", ["build", "--logLevel", "warn"]), "");
  const bytes = await browser.deliversBoth("dependant", app.at("dist"), plane);
  row("Vite", versionOf("vite"), "the dependency of a dependency", bytes);
});

test("webpack", async () => {
  const app = consumer("webpack", PAGE);
  for (const mode of ["production", "development"]) {
    const { errors, warnings } = await webpack(app, app.at(mode), mode);
    assert.deepEqual([errors, warnings], [[], []]);
    copyFileSync(app.at("index.html"), app.at(`${mode}/index.html`));
    const bytes = await browser.deliversBoth(`webpack-${mode}`, app.at(mode), plane);
    const built = mode === "production" ? bytes : undefined;
    row(`webpack, ${mode}`, versionOf("webpack"), "its API with an entry alone", built);
  }
});

test("Rollup", async () => {
  const app = consumer("rollup", PAGE);
  const output = await app.run("rollup", ["--config", "--failAfterWarnings"]);
  assert.ok(!/\(!\)/.test(output), output);
  copyFileSync(app.at("index.html"), app.at("dist/index.html"));
  const bytes = await browser.deliversBoth("rollup", app.at("dist"), plane);
  row("Rollup", versionOf("rollup"), "with @rollup/plugin-node-resolve, not minified", bytes);
});
