// Builds the npm package into pkg/dist. Steps whose inputs did not change are skipped.
//
//   Rust ──wasm-pack──▶ dist/wasm/<module>/ (glue + wasm) ──wasm-opt──▶ inline.js ──esbuild──▶ dist/*.js, *.cjs
//                                                                       └▶ dist/*.wasm ◀── dist/*.workerd.js, *.edge.js

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { pathToFileURL } from "node:url";
import { forms } from "./inline.mjs";
import { at, isMain, run, script, seconds, timed, toolEnv, unlessUnchanged } from "./lib.mjs";
import { slimGlue } from "./glue.mjs";
import { shortenNames } from "./names.mjs";
import { onTheEdge, snippets } from "./plugins.mjs";
import { ensureTools, wasmBindgenVersion } from "./setup.mjs";

const MODULES = ["client", "server"];
const ENTRIES = {
  index: ["esm", "cjs"],
  durable: ["esm"],
  explain: ["esm"],
  fallback: ["esm"],
  server: ["esm", "cjs"],
  node: ["esm", "cjs"],
  cli: ["esm"],
  "cli/serve": ["esm"],
  "cli/tail": ["esm"],
  "cli/send": ["esm"],
};
/**
 * Edge runtimes refuse to compile bytes, so their bundles import the module as a file: export
 * condition → what makes a bundler hand over a WebAssembly.Module. Cloudflare's tools need nothing;
 * Next.js, whose condition is "edge-light", asks for "?module".
 */
const EDGES = { workerd: "", edge: "?module" };
/** workerd has them from the compatibility date 2025-05-05 on; before, nothing is freed. */
const REGISTRY =
  "const FinalizationRegistry=globalThis.FinalizationRegistry??class{register(){}unregister(){}};" +
  "const WeakRef=globalThis.WeakRef??class{constructor(it){this.it=it}deref(){return this.it}};";
/** Jest's jsdom, which takes what `require` gives, has neither; Node.js below it has both. */
const ENCODING =
  "const{TextEncoder,TextDecoder}=globalThis.TextEncoder?globalThis:globalThis.process?.getBuiltinModule?.('util')??{};";
const EDGE_ENTRIES = { index: "client", server: "server" };
const PAPERS = ["README.md", "LICENSE-MIT", "LICENSE-APACHE"];
const SINGLE = "pkg/dist/index.single.js";
const SCRIPTS = ["build", "inline", "glue", "names", "plugins"].map(
  (name) => `pkg/scripts/${name}.mjs`,
);

/**
 * Each pass finds what the last one laid open, and so does knowing what values there can be (gufa).
 * Rust puts the stack first, so nothing of ours lies in the first KiB.
 */
const SMALLEST = ["--low-memory-unused", "-Oz", "--gufa", "-Oz", "-Oz"];
/** Nothing kept that only tools read; the features are what rustc emits for wasm32 today. */
const WASM_OPT = [
  "--strip-producers",
  "--strip-target-features",
  ...[
    "bulk-memory",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
  ].map((feature) => `--enable-${feature}`),
];

export async function build({ verbose = false } = {}) {
  const since = performance.now();
  let changed = false;
  for (const module of MODULES) changed = (await buildWasm(module, verbose)) || changed;
  changed = (await buildFallback(verbose)) || changed;
  changed = (await bundle()) || changed;
  console.log(changed ? `build: done in ${seconds(since)}` : "build: nothing changed");
}

/**
 * Every byte of the client ships to a browser, so its standard library is built without the texts
 * of panics: a panic traps at once, which is all that panic = "abort" does here anyway, since
 * nobody reads the message. 6.9 kB (brotli) less when measured. The flags are unstable, hence the bootstrap.
 */
const CLIENT = {
  env: {
    RUSTC_BOOTSTRAP: "1",
    RUSTFLAGS: "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none",
    CARGO_TARGET_DIR: at("target/client"),
  },
  flags: ["-Zbuild-std=std,panic_abort"],
};
/** No page downloads the server, so it is built for speed: ingest is three times as fast. */
const SERVER = {
  env: {
    CARGO_PROFILE_RELEASE_OPT_LEVEL: "3",
    // Its panics name source files: the builder's home is nobody's business.
    RUSTFLAGS: `--remap-path-prefix=${homedir()}=~`,
    CARGO_TARGET_DIR: at("target/server"),
  },
  flags: [],
};

/** One feature of the crate → one wasm module with its glue. */
export function buildWasm(module, verbose = false) {
  const folder = `pkg/dist/wasm/${module}`;
  return unlessUnchanged(
    {
      stamp: `${folder}/.stamp`,
      inputs: ["src", "Cargo.toml", "Cargo.lock", "package-lock.json", ...SCRIPTS],
      extra: wasmBindgenVersion(),
      outputs: [`${folder}/sluicebox.js`, `${folder}/sluicebox_bg.wasm`, `${folder}/inline.js`],
    },
    () => timed(`build: ${module} module`, () => compile(module, folder, verbose)),
  );
}

/**
 * The client's core as JavaScript, for pages that refuse WebAssembly: the same crate, compiled for the
 * first WebAssembly, which `wasm2js` can write as JavaScript.
 */
const FALLBACK = {
  RUSTC_BOOTSTRAP: "1",
  RUSTFLAGS: `${CLIENT.env.RUSTFLAGS} -Ctarget-cpu=mvp`,
  CARGO_TARGET_DIR: at("target/fallback"),
};

function buildFallback(verbose) {
  const folder = "pkg/dist/wasm/fallback";
  return unlessUnchanged(
    {
      stamp: `${folder}/.stamp`,
      inputs: ["src", "Cargo.toml", "Cargo.lock", "package-lock.json", ...SCRIPTS],
      extra: wasmBindgenVersion(),
      outputs: [`${folder}/sluicebox.js`, `${folder}/asm.js`],
    },
    () => timed("build: client without WebAssembly", () => compileFallback(folder, verbose)),
  );
}

async function compileFallback(folder, verbose) {
  const wasm = at(`${folder}/sluicebox_bg.wasm`);
  await runWasmPack("client", folder, { env: FALLBACK, flags: CLIENT.flags }, verbose);
  await binaryen("wasm-opt", wasm, "-o", wasm, ...SMALLEST, "--strip-target-features");
  const glue = slimGlue(readFileSync(at(`${folder}/sluicebox.js`), "utf8"), false);
  const short = shortenNames(readFileSync(wasm), glue);
  writeFileSync(wasm, short.wasm);
  writeFileSync(at(`${folder}/sluicebox.js`), short.glue);
  const asm = at(`${folder}/asm.js`);
  await binaryen("wasm2js", wasm, "-Oz", "-o", asm);
  writeFileSync(asm, asFunction(readFileSync(asm, "utf8")));
}

/** `exportsOf(imports)` of what `wasm2js` wrote as a module that starts by itself. */
function asFunction(asm) {
  const start = asm.indexOf("var retasmFunc");
  const trap = "throw new Error('abort')";
  if (start < 0 || !asm.includes(trap)) throw new Error("wasm2js writes another form");
  // A trap is told from what the host throws by its name.
  const body = asm.slice(0, start).replace(trap, "throw new RangeError('unreachable')");
  return `export function exportsOf(imports) {\n${body.replace(/^import .*$/gm, "")}return asmFunc(imports);\n}\n`;
}

const binaryen = (program, ...args) =>
  run("node", [at(`node_modules/binaryen/bin/${program}`), ...args]);

function runWasmPack(features, folder, { env, flags }, verbose) {
  const options = [
    "--release",
    "--target",
    "web",
    "--no-pack",
    "--no-typescript",
    "--mode",
    "no-install",
  ];
  const output = ["--out-dir", at(folder), "--out-name", "sluicebox"];
  const cargo = ["--", "--locked", "--no-default-features", "--features", features, ...flags];
  const args = ["build", ...options, ...output, at("."), ...cargo];
  return run("wasm-pack", args, { verbose, env: toolEnv(env) });
}

async function compile(module, folder, verbose, features = module) {
  await runWasmPack(features, folder, module === "client" ? CLIENT : SERVER, verbose);

  // Always the pinned one: an old wasm-opt reports success and writes a module that fails at load.
  const wasm = at(`${folder}/sluicebox_bg.wasm`);
  const level = module === "client" ? SMALLEST : ["-O3"];
  await binaryen("wasm-opt", wasm, "-o", wasm, ...level, ...WASM_OPT);

  const glue = at(`${folder}/sluicebox.js`);
  const generated = readFileSync(glue, "utf8");
  const slim = module === "client" ? slimGlue(generated) : generated;
  const short = shortenNames(readFileSync(wasm), slim);
  writeFileSync(wasm, short.wasm);
  writeFileSync(glue, short.glue);
  // Started by the client's entry alone; the server's glue compiles by itself.
  const compiled = "export const module = () => new WebAssembly.Module(bytes());\n";
  writeFileSync(at(`${folder}/inline.js`), forms.printable(short.wasm) + compiled);
}

const isThere = (entry) => existsSync(at(`pkg/entry/${entry}.js`));

function bundle() {
  const entries = Object.keys(ENTRIES).filter(isThere);
  const outputs = entries.flatMap((entry) => [
    ...ENTRIES[entry].map((format) => outputOf(entry, format)),
    ...(EDGE_ENTRIES[entry] ? Object.keys(EDGES).map((edge) => edgeOutputOf(entry, edge)) : []),
  ]);
  return unlessUnchanged(
    {
      stamp: "pkg/dist/.stamp",
      inputs: [
        "pkg/entry",
        "pkg/types",
        "pkg/package.json",
        ...PAPERS,
        "src",
        "Cargo.toml",
        "Cargo.lock",
        "package-lock.json",
        ...SCRIPTS,
      ],
      outputs: [
        ...outputs,
        SINGLE,
        ...MODULES.map((module) => `pkg/dist/${module}.wasm`),
        ...PAPERS.map((file) => `pkg/${file}`),
      ],
    },
    () => timed("build: bundles and types", () => writeBundles(entries)),
  );
}

const outputOf = (entry, format) => `pkg/dist/${flat(entry)}.${format === "cjs" ? "cjs" : "js"}`;
/** All that is built stands in one folder. */
const flat = (entry) => entry.replace("/", "_");
const edgeOutputOf = (entry, edge) => `pkg/dist/${entry}.${edge}.js`;

/**
 * The client with a core that traps when a test says so (`globalThis.sluiceboxTraps`), never part of the
 * package. Resolves to its path.
 */
export async function buildTrapping(verbose = false) {
  const [folder, file] = ["target/trap/client", "target/trap/index.js"];
  await unlessUnchanged(
    {
      stamp: "target/trap/.stamp",
      inputs: ["src", "pkg/entry", "Cargo.toml", "Cargo.lock", "package-lock.json", ...SCRIPTS],
      extra: wasmBindgenVersion(),
      outputs: [file],
    },
    async () => {
      await compile("client", folder, verbose, "client,trap");
      await bundleOne("index", "esm", file, [
        {
          name: "trapping",
          setup({ onResolve }) {
            onResolve({ filter: /\/dist\/wasm\/client\// }, ({ path }) => ({
              path: at(`${folder}/${path.split("/").at(-1)}`),
            }));
          },
        },
      ]);
    },
  );
  return at(file);
}

async function bundleOne(entry, format, outfile, plugins = [], js = "") {
  // Imported here, because this file is also read before the packages are installed.
  const esbuild = await import(pathToFileURL(at("node_modules/esbuild/lib/main.js")));
  return esbuild.build({
    entryPoints: [at(`pkg/entry/${entry}.js`)],
    outfile: at(outfile),
    bundle: true,
    minify: true,
    format,
    platform: "neutral",
    target: "es2022",
    external: ["node:*"],
    // The whole file is ASCII, whatever charset a server claims for it.
    charset: "ascii",
    legalComments: "none",
    banner: { js: entry === "cli" ? "#!/usr/bin/env node" : js },
    plugins: [...plugins, siblings(format), snippets()],
    logLevel: "warning",
  });
}

async function writeBundles(entries) {
  for (const entry of entries) {
    for (const format of ENTRIES[entry]) {
      const js = entry === "index" && format === "cjs" ? ENCODING : "";
      await bundleOne(entry, format, outputOf(entry, format), [], js);
    }
    if (!EDGE_ENTRIES[entry]) continue;
    for (const [edge, query] of Object.entries(EDGES)) {
      const file = `./${EDGE_ENTRIES[entry]}.wasm${query}`;
      await bundleOne(
        entry,
        "esm",
        edgeOutputOf(entry, edge),
        [onTheEdge(file), nothingLater()],
        REGISTRY,
      );
    }
  }
  await bundleOne("index", "esm", SINGLE, [BESIDE]);
  if (entries.includes("cli")) chmodSync(at("pkg/dist/cli.js"), 0o755);
  for (const module of MODULES) {
    copyFileSync(at(`pkg/dist/wasm/${module}/sluicebox_bg.wasm`), at(`pkg/dist/${module}.wasm`));
  }
  // npm packs them only from the package's own folder.
  for (const file of PAPERS) copyFileSync(at(file), at(`pkg/${file}`));
  writeTypes();
}

/** What a client loads when it needs it; each is an entry of that name. */
const LATER = /^\.\.\/platform\/(durable|explain)\.js$/;

/** Nothing is loaded later: the module is always there. */
function nothingLater() {
  return {
    name: "nothing later",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: LATER }, ({ path }) => ({ path: at(path.replace("..", "src")) }));
      onLoad({ filter: /\/entry\/load\.js$/ }, () => ({
        contents: "export const load = () => Promise.reject();",
      }));
    },
  };
}

/** The bundle for those who would put all that it imports into one file. */
const BESIDE = {
  name: "beside",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/load\.js$/ }, () => ({ path: at("pkg/entry/load_beside.js") }));
  },
};

/** An entry that imports another entry finds it beside itself instead of carrying a copy. */
function siblings(format) {
  return {
    name: "siblings",
    setup({ onResolve }) {
      onResolve({ filter: LATER }, ({ kind, path }) =>
        kind === "dynamic-import" ? { path: `.${path.slice(11)}`, external: true } : undefined,
      );
      onResolve({ filter: /^\.\/cli\/(serve|tail|send)\.js$/ }, ({ path }) => ({
        path: `./${flat(path.slice(2))}`,
        external: true,
      }));
      onResolve({ filter: /^\.\.?\/(index|server|node|fallback)\.js$/ }, (asked) => {
        const { importer } = asked;
        if (!importer.startsWith(at("pkg/entry"))) return undefined;
        const path = asked.path.replace("../", "./");
        if (path === "./fallback.js") return { path, external: true };
        return { path: format === "cjs" ? path.replace(/js$/, "cjs") : path, external: true };
      });
    },
  };
}

/** The hand-written types, once for `import` and once for `require`. */
function writeTypes() {
  mkdirSync(at("pkg/dist"), { recursive: true });
  for (const file of readdirSync(at("pkg/types"))) {
    if (!file.endsWith(".d.ts")) continue;
    const types = readFileSync(at(`pkg/types/${file}`), "utf8");
    writeFileSync(at(`pkg/dist/${file}`), types);
    // What is no entry is a part of one.
    const formats = ENTRIES[file.replace(".d.ts", "")];
    if (formats && !formats.includes("cjs")) continue;
    const forRequire = types.replace(/(["'])\.\/(\w+)\.js\1/g, "$1./$2.cjs$1");
    writeFileSync(at(`pkg/dist/${file.replace(/\.ts$/, ".cts")}`), forRequire);
  }
}

/** Bytes of a file of the checkout, 0 when it is not there. */
export const sizeOf = (path) => (existsSync(at(path)) ? statSync(at(path)).size : 0);

if (isMain(import.meta.url)) {
  script(async () => {
    await ensureTools();
    await build({ verbose: process.argv.includes("--verbose") });
  });
}
