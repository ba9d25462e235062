// Makes a bare machine ready, and says what it does. Each step runs only when something is missing.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDatabases } from "./databases.mjs";
import { findOnPath, installPackages } from "./debian.mjs";
import { at, attempt, isMain, run, script, Sentence, timed } from "./lib.mjs";

const WASM_PACK = "0.15.1";
const NODE_MAJOR = 20;
const TARGET = "wasm32-unknown-unknown";
const LOCK_STAMP = "node_modules/.sluicebox-lock";

/** The glue and the generator must be the same version, so the lock file decides both. */
export function wasmBindgenVersion() {
  const lock = readFileSync(at("Cargo.lock"), "utf8");
  const found = /name = "wasm-bindgen"\r?\nversion = "([^"]+)"/.exec(lock);
  if (!found) throw new Sentence("Cargo.lock does not name wasm-bindgen: restore it with git.");
  return found[1];
}

/**
 * Everything needed to build; with `browser`, `firefox` and `databases` also what those tests need.
 * Resolves to the paths of what was asked for: { chromium, chromedriver, firefox }.
 */
export async function ensureTools({ browser = false, firefox = false, databases = false } = {}) {
  checkNode();
  await checkCargo();
  await ensureTarget();
  await ensureTool("wasm-bindgen", "wasm-bindgen-cli", wasmBindgenVersion());
  await ensureTool("wasm-pack", "wasm-pack", WASM_PACK);
  await ensurePackages();
  if (databases) await ensureDatabases();
  const chromium = browser ? await ensureBrowser() : {};
  return { ...chromium, ...(firefox && { firefox: await ensureFirefox() }) };
}

function checkNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= NODE_MAJOR) return;
  throw new Sentence(
    `Node.js ${NODE_MAJOR} or newer is needed, this is ${process.versions.node}: install it from https://nodejs.org and run the same command again.`,
  );
}

async function checkCargo() {
  const { code, output } = await attempt("cargo", ["--version"]);
  if (code === 0) return;
  const why = code === 127 ? "was not found on PATH" : `does not run (${output.trim()})`;
  throw new Sentence(
    `Rust is needed and cargo ${why}: install it from https://rustup.rs and run the same command again.`,
  );
}

async function ensureTarget() {
  const lib = join((await run("rustc", ["--print", "sysroot"])).trim(), "lib", "rustlib");
  const hasTarget = existsSync(join(lib, TARGET));
  const hasSource = existsSync(join(lib, "src", "rust", "library", "Cargo.lock"));
  if (hasTarget && hasSource) return;
  if ((await attempt("rustup", ["--version"])).code !== 0) {
    throw new Sentence(
      `This Rust cannot build for ${TARGET} and rustup is not there to add it: install Rust from https://rustup.rs and run the same command again.`,
    );
  }
  await timed(`setup: adding the Rust target ${TARGET} and the library's source`, async () => {
    if (!hasTarget) await run("rustup", ["target", "add", TARGET]);
    if (!hasSource) await run("rustup", ["component", "add", "rust-src"]);
  });
}

async function ensureTool(program, crate, version) {
  const { code, output } = await attempt(at(`.tools/bin/${program}`), ["--version"]);
  if (code === 0 && output.trim().split(" ")[1] === version) return;
  await timed(
    `setup: building ${crate} ${version} into .tools/, about 2 minutes on 2 cores, once`,
    () =>
      run("cargo", [
        "install",
        "--locked",
        "--force",
        "--root",
        at(".tools"),
        `${crate}@${version}`,
      ]),
  );
}

async function ensurePackages() {
  const lock = createHash("sha256")
    .update(readFileSync(at("package-lock.json")))
    .digest("hex");
  const stamp = at(LOCK_STAMP);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  await timed("setup: npm ci", () => run("npm", ["ci", "--no-audit", "--no-fund"]));
  writeFileSync(stamp, lock);
}

/** Chromium and its driver: { chromium, chromedriver } as paths. */
async function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  // Debian has them as packages of one version; elsewhere the user chooses.
  await installPackages("Chromium and chromedriver", ["chromium", "chromium-driver"]);
  const installed = findBrowser();
  if (installed) return installed;
  throw new Sentence(
    "The browser tests need Chromium and chromedriver of the same version: install both and name them in the environment as CHROMIUM and CHROMEDRIVER, or run `npm test -- --skip browser,hosts,e2e`.",
  );
}

function findBrowser() {
  const chromium =
    process.env.CHROMIUM ?? findOnPath("chromium", "chromium-browser", "google-chrome");
  const chromedriver = process.env.CHROMEDRIVER ?? findOnPath("chromedriver");
  const both = chromium && chromedriver && existsSync(chromium) && existsSync(chromedriver);
  return both ? { chromium, chromedriver } : undefined;
}

/** The path of Firefox: it is driven without another program. */
async function ensureFirefox() {
  const find = () => process.env.FIREFOX ?? findOnPath("firefox-esr", "firefox");
  if (!find()) await installPackages("Firefox", ["firefox-esr"]);
  const found = find();
  if (found && existsSync(found)) return found;
  throw new Sentence(
    "The tests in Firefox need Firefox 140 or newer: install it and name it in the environment as FIREFOX, or run `npm test -- --skip firefox`.",
  );
}

if (isMain(import.meta.url)) {
  script(() => {
    const wants = (name) => process.argv.includes(`--${name}`);
    return ensureTools({
      browser: wants("browser"),
      firefox: wants("firefox"),
      databases: wants("databases"),
    });
  });
}
