// What every script shares. Only node: builtins, because the scripts run before `npm ci`.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** The folder of the checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** `at("pkg/dist")`: a path of the checkout, made absolute. */
export const at = (path) => join(root, ...path.split("/"));

/** A problem the user can do something about: printed as its sentence, without a stack. */
export class Sentence extends Error {}

/** Runs `main` and turns what it throws into an exit code and, for a Sentence, one clear line. */
export async function script(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Sentence ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/** True when this file is the one node was asked to run. */
export const isMain = (url) => process.argv[1] === fileURLToPath(url);

/** The environment in which our own pinned tools are found first. */
export function toolEnv(extra = {}) {
  const path = [at(".tools/bin"), at("node_modules/.bin"), process.env.PATH ?? ""].join(delimiter);
  return { ...process.env, PATH: path, ...extra };
}

/**
 * Runs a program to its end. Resolves to { code, output }; its output is kept, not shown,
 * unless `verbose`. A program that cannot be started has code 127.
 */
export function attempt(program, args, options = {}) {
  const { env = toolEnv(), cwd = root, verbose = false, uid, gid, timeout } = options;
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(program, args, {
      cwd,
      env,
      uid,
      gid,
      timeout,
      killSignal: "SIGKILL",
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    const keep = (to) => (chunk) => {
      output += chunk;
      if (verbose) to.write(chunk);
    };
    child.stdout.setEncoding("utf8").on("data", keep(process.stdout));
    child.stderr.setEncoding("utf8").on("data", keep(process.stderr));
    child.on("error", (error) => resolve({ code: 127, output: String(error.message) }));
    child.on("close", (code, signal) => {
      if (signal) output += `\nended by ${signal}`;
      resolve({ code: code ?? 1, output });
    });
  });
}

/** Like `attempt`, but a failure throws a Sentence that ends with the program's output. */
export async function run(program, args, options) {
  const { code, output } = await attempt(program, args, options);
  if (code !== 0) {
    const said = options?.verbose ? "" : `\n${output.trimEnd()}`;
    throw new Sentence(`\`${[program, ...args].join(" ")}\` failed with code ${code}.${said}`);
  }
  return output;
}

export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Says what starts, then how long it took. */
export async function timed(what, work) {
  const since = performance.now();
  process.stdout.write(`${what} … `);
  try {
    const result = await work();
    process.stdout.write(`${seconds(since)}\n`);
    return result;
  } catch (error) {
    process.stdout.write(`failed after ${seconds(since)}\n`);
    throw error;
  }
}

/** All files below the given files and folders, sorted, generated folders left out. */
export function filesOf(paths) {
  const skip = new Set(["node_modules", "dist", "target", ".tools", ".git"]);
  const found = [];
  const visit = (path, isFolder) => {
    if (!isFolder) return found.push(path);
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (!skip.has(entry.name)) visit(join(path, entry.name), entry.isDirectory());
    }
  };
  for (const path of paths.map(at)) {
    if (existsSync(path)) visit(path, !isFile(path));
  }
  return found.sort();
}

function isFile(path) {
  try {
    readdirSync(path);
    return false;
  } catch {
    return true;
  }
}

/** One hash over the names and contents of files and folders of the checkout. */
export function fingerprint(paths) {
  const hash = createHash("sha256");
  for (const file of filesOf(paths)) {
    const content = readFileSync(file);
    hash
      .update(`${relative(root, file).split(sep).join("/")}\0${content.length}\0`)
      .update(content);
  }
  return hash.digest("hex");
}

/**
 * Does `work` unless it was done before with the same inputs and its outputs are still there.
 * The stamp is removed first, so an interrupted run is done again.
 */
export async function unlessUnchanged({ stamp, inputs, extra = "", outputs }, work) {
  const file = at(stamp);
  const wanted = `${fingerprint(inputs)} ${extra}`;
  const unchanged =
    existsSync(file) &&
    readFileSync(file, "utf8") === wanted &&
    outputs.every((output) => existsSync(at(output)));
  if (unchanged) return false;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "");
  await work();
  writeFileSync(file, wanted);
  return true;
}

export const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  }).length;

export const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length;
