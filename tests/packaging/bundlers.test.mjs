// Pages built by each bundler as its users run it, without a line of configuration for this package: each
// stores its event in IndexedDB, delivers it, and does both where WebAssembly is refused.

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { build as esbuild } from "esbuild";
import { consumer, row, tool, versionOf } from "./support/consumer.mjs";
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

/** The page of a folder, without and with a policy that refuses WebAssembly. */
async function delivers(t, host, folder, { policy = true, path = "" } = {}) {
  let weighed;
  for (const refused of policy ? [false, true] : [false]) {
    const site = await startSite(folder, refused ? refusing(plane.url) : undefined);
    t.after(site.stop);
    const key = refused ? `${host}-refusing` : host;
    const seen = await browser.delivers(key, `${site.url}${path}`, plane, { refused });
    weighed ??= seen;
  }
  return { first: weighed.first, later: weighed.later };
}

test("Vite", async (t) => {
  const app = consumer("vite", PAGE);
  await app.run("vite", ["build", "--logLevel", "warn"]);
  const bytes = await delivers(t, "vite", app.at("dist"));
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

test("webpack", async (t) => {
  const app = consumer("webpack", PAGE);
  const webpack = tool("webpack");
  for (const mode of ["production", "development"]) {
    const output = { path: app.at(mode), filename: "page.js", publicPath: "auto" };
    const stats = await new Promise((resolve, reject) => {
      const options = { mode, devtool: false, context: app.folder, entry: "./page.js", output };
      webpack(options, (error, done) => (error ? reject(error) : resolve(done)));
    });
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    t.assert.deepEqual([errors, warnings], [[], []]);
    copyFileSync(app.at("index.html"), app.at(`${mode}/index.html`));
    const bytes = await delivers(t, `webpack-${mode}`, app.at(mode));
    const built = mode === "production" ? bytes : undefined;
    row(`webpack, ${mode}`, versionOf("webpack"), "its API with an entry alone", built);
  }
});

test("Rollup", async (t) => {
  const app = consumer("rollup", PAGE);
  const output = await app.run("rollup", ["--config", "--failAfterWarnings"]);
  t.assert.ok(!/\(!\)/.test(output), output);
  copyFileSync(app.at("index.html"), app.at("dist/index.html"));
  const bytes = await delivers(t, "rollup", app.at("dist"));
  row("Rollup", versionOf("rollup"), "with @rollup/plugin-node-resolve, not minified", bytes);
});

const ESBUILD = { bundle: true, minify: true, format: "esm", logLevel: "silent" };

/** A page built by esbuild; nothing may be warned about. */
async function built(t, app, options) {
  const given = { absWorkingDir: app.folder, entryPoints: ["page.js"], outdir: app.at("dist") };
  const { warnings } = await esbuild({ ...given, ...ESBUILD, ...options });
  t.assert.deepEqual(warnings, []);
  copyFileSync(app.at("index.html"), app.at("dist/index.html"));
  return app.at("dist");
}

test("esbuild with splitting", async (t) => {
  const folder = await built(t, consumer("esbuild_splitting", PAGE), {
    splitting: true,
    conditions: ["production"],
  });
  const bytes = await delivers(t, "esbuild-splitting", folder);
  row("esbuild", versionOf("esbuild"), "`--splitting --conditions=production`", bytes);
});

test("esbuild with one file, and the core as JavaScript beside it", async (t) => {
  const app = consumer("esbuild_beside", PAGE);
  const folder = await built(t, app);
  copyFileSync(app.at("../node_modules/sluicebox/dist/fallback.js"), app.at("dist/fallback.js"));
  const bytes = await delivers(t, "esbuild", folder);
  row("esbuild", versionOf("esbuild"), "`--bundle` alone, one file", bytes);
});

test("esbuild with one file that has the core as JavaScript inside", async (t) => {
  const app = consumer("esbuild", PAGE);
  writeFileSync(app.at("page.js"), 'import "sluicebox/fallback";\n', { flag: "a" });
  const folder = await built(t, app);
  const site = await startSite(folder, refusing(plane.url));
  t.after(site.stop);
  const bytes = await browser.delivers("esbuild-inside", site.url, plane, { refused: true });
  row("esbuild", versionOf("esbuild"), "one file with `sluicebox/fallback`", bytes);
});

test("Bun's bundler", async (t) => {
  const app = consumer("bun_build", PAGE);
  await app.run("bun", ["build", "page.js", "--outdir", "dist", "--minify", "--splitting"]);
  copyFileSync(app.at("index.html"), app.at("dist/index.html"));
  copyFileSync(app.at("../node_modules/sluicebox/dist/fallback.js"), app.at("dist/fallback.js"));
  const bytes = await delivers(t, "bun-build", app.at("dist"));
  row("Bun's bundler", versionOf("bun"), "`bun build --minify --splitting`", bytes);
});

test("no bundler: an import map, or the package's own file", async (t) => {
  const app = consumer("files", ["page.js"]);
  const bytes = await delivers(t, "import-map", app.at(".."), { path: "files/", policy: false });
  row("no bundler", "", "an import map onto the package's files", bytes);
  const page = consumer("plain", PAGE);
  const source = readFileSync(page.at("page.js"), "utf8");
  const inPlace = '"../node_modules/sluicebox/dist/index.js"';
  writeFileSync(page.at("page.js"), source.replace('"sluicebox"', inPlace));
  await delivers(t, "plain", page.at(".."), { path: "plain/" });
  row("no bundler", "", "`<script type=module>` onto the package's files");
});

test("a dependency of a dependency, with a copy of its own", async (t) => {
  const app = consumer("dependant", ["index.html"]);
  await app.run("vite", ["build", "--logLevel", "warn"]);
  const bytes = await delivers(t, "dependant", app.at("dist"));
  row("Vite", versionOf("vite"), "the dependency of a dependency", bytes);
});
