// A consumer of the packed package: its folder, its commands, and the row it gets in the table of hosts.

import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { at, run, toolEnv } from "../../../pkg/scripts/lib.mjs";
import { WORK } from "../setup.mjs";

const TOOLS = at("tests/packaging/node_modules");
export const ROWS = at(`${WORK}/rows`);

/** No tool asks its maker for updates, or tells him what is built. */
const QUIET = {
  CI: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  PARCEL_TELEMETRY_DISABLED: "1",
  WRANGLER_SEND_METRICS: "false",
  NODE_ENV: undefined,
  NODE_TEST_CONTEXT: undefined,
};

export const env = (more = {}) =>
  toolEnv({
    ...QUIET,
    PATH: `${join(TOOLS, ".bin")}:${toolEnv().PATH}`,
    ...more,
  });

/** Node.js would find the checkout's own package further up, and an older build says nothing about this one. */
function assertInstalled() {
  const installed = at(`${WORK}/node_modules/sluicebox`);
  const isSame = ["package.json", "dist/index.js", "dist/durable.js", "dist/server.js"].every(
    (file) => {
      const copy = join(installed, file);
      return existsSync(copy) && readFileSync(copy).equals(readFileSync(at(`pkg/${file}`)));
    },
  );
  if (isSame && realpathSync(installed) === installed) return;
  throw new Error("what was built is not installed: run `node tests/packaging/setup.mjs` first");
}

/** A copy of hosts/<name> beside the installed package; `files` are further ones of hosts/. */
export function consumer(name, files = []) {
  assertInstalled();
  const folder = at(`${WORK}/${name}`);
  mkdirSync(folder, { recursive: true });
  const from = at(`tests/packaging/hosts/${name}`);
  if (existsSync(from)) cpSync(from, folder, { recursive: true });
  for (const file of files) cpSync(at(`tests/packaging/hosts/${file}`), join(folder, file));
  return {
    folder,
    at: (path) => join(folder, path),
    /** Runs a program of the tools or of the machine to its end; its output, or an error that says it. */
    run: (program, args = [], more) => run(program, args, { cwd: folder, env: env(more) }),
    start: (program, args, ready, more) => start(folder, program, args, ready, more),
  };
}

/** Starts what serves: resolves to { url, output(), stop() } when `ready` finds the address in what it says. */
function start(cwd, program, args, ready, more) {
  const child = spawn(program, args, {
    cwd,
    env: env(more),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stop = async () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
    await ended;
  };
  return new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      const url = ready.exec(output)?.[1];
      if (url) resolve({ url, output: () => output, stop });
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.on("error", reject);
    ended.then((code) => reject(new Error(`${program} ended with ${code}:\n${output}`)));
  });
}

/** The version of a tool: of these consumers, or of the checkout. */
export function versionOf(name) {
  for (const folder of [TOOLS, at("node_modules")]) {
    const file = join(folder, name, "package.json");
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")).version;
  }
  throw new Error(`${name} is not installed`);
}

const require = createRequire(join(TOOLS, "..", "package.json"));

/** webpack with an entry and no configuration: resolves to its { errors, warnings }. */
export async function webpack(app, path, mode = "production") {
  const options = {
    mode,
    context: app.folder,
    entry: "./page.js",
    output: { path, filename: "page.js" },
    // Its default in development evaluates, which the policy of the page forbids to everybody.
    devtool: false,
  };
  const stats = await new Promise((resolve, reject) => {
    require("webpack")(options, (error, done) => (error ? reject(error) : resolve(done)));
  });
  return stats.toJson({ all: false, errors: true, warnings: true });
}

/** One row of tests/artifacts/hosts.md; `more` are the bytes of a built page, or another result. */
export function row(host, version, ran, more) {
  mkdirSync(ROWS, { recursive: true });
  const file = join(ROWS, `${`${host} ${ran}`.replace(/\W+/g, "-")}.json`);
  writeFileSync(file, JSON.stringify({ host, version, ran, ...more }));
}
