// `npm test`: every check there is, in order, each with its name, time and counts.
//
//   npm test -- --only native,node    some stages
//   npm test -- --skip browser,e2e    all but some
//   npm test -- --verbose             everything the tools say, not only on failure
//
// What each stage said is kept in tests/artifacts/<stage>.log.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { at, attempt, seconds, toolEnv } from "../pkg/scripts/lib.mjs";
import { ensureTools } from "../pkg/scripts/setup.mjs";
import { countsOf, didNotStart, namesOfFailed } from "./counts.mjs";

const WASM = ["--target", "wasm32-unknown-unknown"];
const STRICT = ["--", "-D", "warnings"];
/**
 * Milliseconds for one test, and for one file, which may build a whole app on a slow machine: what hangs must
 * fail, and name itself.
 */
const TEST_TIMEOUT = "--test-timeout=600000";
const MOST_FAILURES = 30;
const feature = (name) => ["--no-default-features", "--features", name];

/** In order. `needs` names what a stage checks; where it is not there yet, the stage is left out. */
const STAGES = [
  { name: "rustfmt", commands: [["cargo", "fmt", "--all", "--check"]] },
  {
    name: "clippy",
    commands: [
      ["cargo", "clippy", "--locked", "--all-targets", "--all-features", ...STRICT],
      ["cargo", "clippy", "--locked", "--lib", ...WASM, ...feature("client"), ...STRICT],
      ["cargo", "clippy", "--locked", "--lib", ...WASM, ...feature("server"), ...STRICT],
    ],
  },
  { name: "native", commands: [["cargo", "test", "--locked", "--all-features", "--no-fail-fast"]] },
  { name: "build", commands: [["node", at("pkg/scripts/build.mjs")]] },
  { name: "browser", needs: ["tests/web.rs"], browser: true, again: true, commands: browserTests },
  {
    name: "node",
    needs: ["tests/node", "tests/server"],
    commands: () => nodeTests("tests/node", "tests/server", "tests/fuzz"),
  },
  {
    name: "hosts",
    needs: ["tests/hosts"],
    browser: true,
    commands: () => nodeTests("tests/hosts"),
  },
  {
    name: "stores",
    needs: ["tests/stores"],
    databases: true,
    commands: () => nodeTests("tests/stores"),
  },
  { name: "workers", needs: ["tests/workers"], commands: () => nodeTests("tests/workers") },
  {
    name: "packaging",
    needs: ["tests/packaging"],
    browser: true,
    show: true,
    commands: packagingTests,
  },
  {
    name: "originals",
    needs: ["tests/originals"],
    browser: true,
    commands: originalsTests,
  },
  {
    name: "types",
    needs: ["tests/types/tsconfig.json"],
    commands: [
      ...["tsconfig", "tsconfig.bundler", "tsconfig.node16", "tsconfig.bare"].map((name) => [
        "tsc",
        "--project",
        at(`tests/types/${name}.json`),
      ]),
      ["node", at("pkg/scripts/reference.mjs"), "--check"],
    ],
  },
  { name: "prettier", commands: [["prettier", "--check", "."]] },
  { name: "size", commands: [["node", at("pkg/scripts/size.mjs")]], show: true },
  {
    name: "docs",
    needs: ["tests/docs"],
    browser: true,
    databases: true,
    commands: () => nodeTests("tests/docs"),
  },
  {
    name: "examples",
    needs: ["tests/examples"],
    browser: true,
    commands: () => nodeTests("tests/examples"),
  },
  {
    name: "e2e",
    needs: ["www/package.json"],
    browser: true,
    commands: () => nodeTests("tests/e2e"),
  },
  {
    name: "firefox",
    needs: ["tests/firefox"],
    firefox: true,
    commands: () => nodeTests("tests/firefox"),
  },
];

function browserTests({ chromedriver }) {
  const where = ["--headless", "--chrome", "--chromedriver", chromedriver, "--mode", "no-install"];
  const what = ["--locked", "--test", "web", ...feature("client")];
  return [["wasm-pack", "test", ...where, at("."), ...what]];
}

function nodeTests(...folders) {
  const files = folders
    .filter((folder) => existsSync(at(folder)))
    .flatMap((folder) => readdirSync(at(folder)).map((file) => at(`${folder}/${file}`)))
    .filter((file) => file.endsWith(".test.mjs"));
  return files.length > 0
    ? [["node", "--test", "--test-reporter=spec", TEST_TIMEOUT, ...files]]
    : [];
}

/** Several files at once, where they mostly wait: for retries, or for programs that start. */
const atOnce = (commands) =>
  commands.map(([node, ...more]) => [node, "--test-concurrency=3", ...more]);

function originalsTests() {
  return [["node", at("tests/originals/setup.mjs")], ...atOnce(nodeTests("tests/originals"))];
}

/** On the package as npm packs it; what they found to work is shown at the end. */
function packagingTests() {
  const [setup, table] = ["setup", "table"].map((name) => at(`tests/packaging/${name}.mjs`));
  return [["node", setup], ...atOnce(nodeTests("tests/packaging")), ["node", table]];
}

async function runStage(stage, tools, verbose) {
  const commands = typeof stage.commands === "function" ? stage.commands(tools) : stage.commands;
  const { chromium, firefox } = tools;
  const env = toolEnv({
    ...(chromium && { CHROMIUM: chromium }),
    ...(firefox && { FIREFOX: firefox }),
    // Seconds; the default of 20 is not enough on a machine that is busy.
    WASM_BINDGEN_TEST_TIMEOUT: "120",
  });
  const total = { passed: 0, failed: 0, names: [] };
  let log = "";
  let shown = "";
  for (const command of commands) {
    const [program, ...args] = command;
    let { code, output } = await attempt(program, args, { env, verbose });
    if (stage.again && code !== 0 && didNotStart(output)) {
      log += output;
      console.log(`again  ${stage.name}: the browser or its driver did not start`);
      ({ code, output } = await attempt(program, args, { env, verbose }));
    }
    const counts = countsOf(output, code !== 0);
    total.passed += counts.passed;
    total.failed += counts.failed;
    const said = `$ ${[program, ...args].join(" ")}\n${output}\n`;
    log += said;
    if (code !== 0) total.names.push(...namesOfFailed(output, program));
    const isShown = stage.show && command === commands.at(-1);
    if (code !== 0 || isShown) shown += lastLines(said, 80);
  }
  writeFileSync(at(`tests/artifacts/${stage.name}.log`), log);
  return { ...total, shown };
}

/** The end of a long output: there the tools sum up. The log file has all of it. */
function lastLines(text, most) {
  const lines = text.trimEnd().split("\n");
  const left = lines.length - most;
  return `${left > 0 ? `… ${left} lines more\n` : ""}${lines.slice(-most).join("\n")}\n`;
}

const brief = (failures) =>
  failures
    .slice(0, MOST_FAILURES)
    .concat(failures.length > MOST_FAILURES ? [`and ${failures.length - MOST_FAILURES} more`] : [])
    .map((line) => `  ${line}`)
    .join("\n");

function chosen(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: "string" },
      skip: { type: "string" },
      verbose: { type: "boolean", default: false },
    },
  });
  const names = STAGES.map((stage) => stage.name);
  const list = (text) => text?.split(",").map((name) => name.trim());
  const [only, skip] = [list(values.only), list(values.skip)];
  for (const name of [...(only ?? []), ...(skip ?? [])]) {
    if (!names.includes(name))
      throw new Error(`No stage is called "${name}"; there are: ${names.join(", ")}.`);
  }
  const stages = STAGES.filter(
    ({ name }) => (only?.includes(name) ?? true) && !skip?.includes(name),
  );
  return { stages, verbose: values.verbose };
}

async function setup(stages) {
  const since = performance.now();
  const wants = (what) => stages.some((stage) => stage[what] && isThere(stage));
  const tools = await ensureTools({
    browser: wants("browser"),
    firefox: wants("firefox"),
    databases: wants("databases"),
  });
  report("setup", since, { passed: 1, failed: 0 });
  return tools;
}

const isThere = (stage) => !stage.needs || stage.needs.some((path) => existsSync(at(path)));

function report(name, since, { passed, failed }) {
  const outcome = failed === 0 ? "ok    " : "FAILED";
  const time = seconds(since).padStart(8);
  console.log(`${outcome} ${name.padEnd(9)} ${time}   ${passed} passed, ${failed} failed`);
}

async function main() {
  const { stages, verbose } = chosen(process.argv.slice(2));
  mkdirSync(at("tests/artifacts"), { recursive: true });
  const total = { passed: 1, failed: 0 };
  const failures = [];
  const since = performance.now();
  const tools = await setup(stages);
  for (const stage of stages) {
    if (!isThere(stage)) {
      console.log(`none   ${stage.name.padEnd(9)}            nothing to check yet`);
      continue;
    }
    const started = performance.now();
    const result = await runStage(stage, tools, verbose);
    report(stage.name, started, result);
    if (!verbose) process.stdout.write(result.shown);
    total.passed += result.passed;
    total.failed += result.failed;
    failures.push(...result.names.map((name) => `${stage.name}: ${name}`));
  }
  // Last, because CI shows the last lines of a long output.
  if (failures.length > 0) console.log(`\nfailed:\n${brief(failures)}`);
  console.log(`\nall stages took ${seconds(since)}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

await main().catch((error) => {
  console.error(error.message);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
});
