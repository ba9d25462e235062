// The package as npm packs it: what is in it, what its manifest says, and what an import does.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { at } from "../../pkg/scripts/lib.mjs";
import { WORK } from "./setup.mjs";
import { consumer } from "./support/consumer.mjs";

const packed = JSON.parse(readFileSync(at(`${WORK}/packed.json`), "utf8"));
const installed = at(`${WORK}/node_modules/sluicebox`);
const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));

/** Bytes of the tarball. The server's module is in it three times, as code to import, to require, and as a file. */
const MOST = 970_000;

const FILES = `
LICENSE-APACHE
LICENSE-MIT
README.md
dist/analytics.d.cts
dist/analytics.d.ts
dist/cli.js
dist/cli_send.js
dist/cli_serve.js
dist/cli_tail.js
dist/client.wasm
dist/common.d.cts
dist/common.d.ts
dist/delivery.d.cts
dist/delivery.d.ts
dist/durable.js
dist/explain.js
dist/fallback.d.ts
dist/fallback.js
dist/index.cjs
dist/index.d.cts
dist/index.d.ts
dist/index.edge.js
dist/index.js
dist/index.single.js
dist/index.workerd.js
dist/node.cjs
dist/node.d.cts
dist/node.d.ts
dist/node.js
dist/server.cjs
dist/server.d.cts
dist/server.d.ts
dist/server.edge.js
dist/server.js
dist/server.wasm
dist/server.workerd.js
dist/stream_client.d.cts
dist/stream_client.d.ts
dist/streamer.d.cts
dist/streamer.d.ts
dist/stride.d.cts
dist/stride.d.ts
dist/subscription.d.cts
dist/subscription.d.ts
fallback/package.json
node/package.json
package.json
server/package.json
`;

/** Every text in a value. */
const leaves = (value) =>
  typeof value === "string" ? [value] : Object.values(value).flatMap(leaves);

test("exactly these files are packed", () => {
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), FILES.trim().split("\n"));
});

test("the tarball is no larger than it must be", () => {
  assert.ok(packed.size <= MOST, `${packed.size} bytes; the limit is ${MOST}`);
});

test("whatever the manifest names is packed, and may be executed where it is a program", () => {
  const folders = ["", "fallback", "node", "server"];
  for (const folder of folders) {
    const {
      exports = {},
      main,
      module,
      types,
    } = JSON.parse(readFileSync(join(installed, folder, "package.json"), "utf8"));
    for (const path of [main, module, types, ...leaves(exports)]) {
      if (path) assert.ok(existsSync(join(installed, folder, path)), `${folder}: ${path}`);
    }
  }
  for (const path of leaves(manifest.bin)) {
    const { mode } = packed.files.find((file) => file.path === path);
    assert.ok(mode & 0o111, path);
  }
});

test("each bundle for the edge finds its module beside it", () => {
  for (const bundle of ["index.workerd", "index.edge", "server.workerd", "server.edge"]) {
    const source = readFileSync(join(installed, "dist", `${bundle}.js`), "utf8");
    const [, file] = /from\s*"\.\/(\w+\.wasm)(?:\?module)?"/.exec(source);
    assert.ok(existsSync(join(installed, "dist", file)), `${bundle} imports ${file}`);
  }
});

test("the manifest says what npm proves: where the source is, and that anybody may have it", () => {
  const { repository, publishConfig, homepage, bugs, license, engines } = manifest;
  const [, address] = /^git\+(https:\/\/github\.com\/[^.]+)\.git$/.exec(repository.url);
  assert.deepEqual(publishConfig, { access: "public", provenance: true });
  assert.deepEqual([homepage, bugs.url ?? bugs], [`${address}#readme`, `${address}/issues`]);
  assert.equal(license, "MIT OR Apache-2.0");
  assert.equal(engines.node, ">=20");
  for (const member of ["dependencies", "peerDependencies", "optionalDependencies", "scripts"]) {
    assert.equal(manifest[member], undefined, member);
  }
});

test("publint has nothing to say", async () => {
  const said = await consumer("lint").run("publint", ["run", tarball(), "--strict"]);
  assert.match(said, /All good!/);
  assert.doesNotMatch(said, /Suggestions|Warnings|Errors/);
});

test("the types resolve as the code does, with each of TypeScript's resolutions", async () => {
  const app = consumer("lint");
  const assets = ["client.wasm", "server.wasm"];
  await app.run("attw", [tarball(), "--exclude-entrypoints", ...assets, "fallback"]);
  // Node.js 20.19 can require it too, and no other host that has only `require` refuses WebAssembly.
  const only = ["--entrypoints", "fallback", "--ignore-rules", "cjs-resolves-to-esm"];
  await app.run("attw", [tarball(), ...only]);
});

const tarball = () => at(`${WORK}/${packed.filename}`);

const ENTRIES = ["sluicebox", "sluicebox/server", "sluicebox/node", "sluicebox/fallback"];
const REQUIRED = ENTRIES.slice(0, 3);
/** What an import may leave behind: the core as JavaScript has to be found by the client. */
const LEFT = { "sluicebox/fallback": ["Symbol(sluicebox.fallback)"] };

for (const [how, entries] of [
  ["import", ENTRIES],
  ["require", REQUIRED],
]) {
  for (const entry of entries) {
    test(`${how} of ${entry} does nothing that others see, and the process ends by itself`, async () => {
      const said = await consumer("untouched").run("node", ["main.mjs", how, entry]);
      assert.deepEqual(JSON.parse(said), { calls: [], changed: LEFT[entry] ?? [], open: [] });
    });
  }
}

for (const entry of ENTRIES) {
  const kept = entry === "sluicebox/fallback";
  test(`a bundler ${kept ? "keeps" : "leaves out"} ${entry} where no name of it is used`, async () => {
    const app = consumer("unused");
    writeFileSync(app.at("page.js"), `import "${entry}";\n`);
    const { outputFiles } = await build({
      entryPoints: [app.at("page.js")],
      bundle: true,
      minify: true,
      format: "esm",
      platform: "node",
      write: false,
      // It says that an import which does nothing is left out.
      logLevel: "error",
    });
    assert.equal(outputFiles[0].text.length > 0, kept);
  });
}
