// What the package weighs. `npm run size` prints it and fails over budget;
// `npm run size -- --forms` compares ways to carry the wasm module inside the JavaScript.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { forms } from "./inline.mjs";
import { at, brotli, gzip, isMain, script, Sentence } from "./lib.mjs";
import { ensureTools } from "./setup.mjs";

/** The most bytes, after brotli, that a page loads before its first event. */
export const CLIENT_BUDGET = 24_000;

/** The page that the budget is about: one import, one event. */
const APP = `import { Analytics } from "sluicebox";
const analytics = new Analytics({ writeKey: "key", dataPlaneUrl: "https://example.com" });
analytics.track("Opened");
`;

const FILES = {
  "client module (wasm)": "pkg/dist/wasm/client/sluicebox_bg.wasm",
  "server module (wasm)": "pkg/dist/wasm/server/sluicebox_bg.wasm",
  sluicebox: "pkg/dist/index.js",
  "sluicebox in a Worker (module apart)": "pkg/dist/index.workerd.js",
  "sluicebox/server": "pkg/dist/server.js",
  "sluicebox/node": "pkg/dist/node.js",
  "command line": "pkg/dist/cli.js",
};

const weigh = (bytes) => ({ raw: bytes.length, gzip: gzip(bytes), brotli: brotli(bytes) });

/** Bundles a consumer's app as a consumer would: esbuild, minified, for browsers. What is loaded first is first. */
async function bundled(source, alias = {}) {
  const esbuild = await import(pathToFileURL(at("node_modules/esbuild/lib/main.js")));
  const result = await esbuild.build({
    stdin: { contents: source, resolveDir: at("pkg") },
    alias,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    splitting: true,
    outdir: ".",
    chunkNames: "later-[hash]",
    write: false,
    logLevel: "warning",
  });
  const isLater = ({ path }) => +path.includes("later-");
  return result.outputFiles
    .sort((one, other) => isLater(one) - isLater(other))
    .map(({ contents }) => Buffer.from(contents));
}

/** Rows of name → sizes for everything that was built. */
export async function sizes() {
  const rows = {};
  for (const [name, path] of Object.entries(FILES)) {
    if (existsSync(at(path))) rows[name] = weigh(readFileSync(at(path)));
  }
  if (existsSync(at("pkg/dist/index.js"))) {
    const [page, ...later] = await bundled(APP);
    // A chunk that the page imports at once would count too.
    if (/\bimport\b[^(]*"\.\/later-/.test(page))
      throw new Error("the page loads more than one file");
    rows["a page with one event"] = weigh(page);
    const explains = (chunk) => chunk.includes("console.debug");
    const stores = later.filter((chunk) => !explains(chunk));
    rows["what stores its events, loaded after that"] = weigh(Buffer.concat(stores));
    rows["what explains them, loaded with debug"] = weigh(Buffer.concat(later.filter(explains)));
  }
  return rows;
}

/** The same module in each form, alone in a consumer's bundle, and how long it takes to decode. */
async function compareForms() {
  const wasm = readFileSync(at("pkg/dist/wasm/client/sluicebox_bg.wasm"));
  const folder = mkdtempSync(join(tmpdir(), "sluicebox-forms-"));
  const rows = { "wasm itself": { ...weigh(wasm) } };
  try {
    for (const [name, form] of Object.entries(forms)) {
      const inline = join(folder, `${name}.js`);
      writeFileSync(inline, form(wasm));
      const app = `import { bytes } from "form"; globalThis.decode = bytes;`;
      const [code] = await bundled(app, { form: inline });
      const built = join(folder, `${name}.mjs`);
      writeFileSync(built, code);
      await import(pathToFileURL(built));
      const since = performance.now();
      const decoded = globalThis.decode();
      const decodeMs = Number((performance.now() - since).toFixed(2));
      rows[name] = { ...weigh(code), "first decode, ms": decodeMs, same: wasm.equals(decoded) };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return rows;
}

export async function main(argv = process.argv.slice(2)) {
  if (argv.includes("--forms")) return console.table(await compareForms());
  const rows = await sizes();
  console.table(rows);
  const page = rows["a page with one event"];
  if (!page)
    return console.log("The client entry is not built yet, so there is no budget to check.");
  const verdict = `A page with one event loads ${page.brotli} bytes (brotli); the budget is ${CLIENT_BUDGET}.`;
  if (page.brotli > CLIENT_BUDGET) throw new Sentence(verdict);
  return console.log(verdict);
}

if (isMain(import.meta.url)) {
  script(async () => {
    await ensureTools();
    await build();
    await main();
  });
}
