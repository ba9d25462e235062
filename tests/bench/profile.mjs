// Where the main thread's time goes, in Chromium: 10,000 events, 50 in a task, as in W2 of the bench.
//
//   node tests/bench/profile.mjs [--contender sluicebox] [--events 10000] [--rounds 3]
//
// The package is bundled from its sources, not minified, so that a function of the profile is known by the
// file that it stands in. What the browser does in its own functions is named by them.
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";
import { at } from "../../pkg/scripts/lib.mjs";
import { snippets } from "../../pkg/scripts/plugins.mjs";
import { launch, sleep } from "./peers/browser.mjs";
import { open } from "./peers/harness.mjs";
import { collector, pageServer } from "./peers/server.mjs";

const { values } = parseArgs({
  options: {
    contender: { type: "string", default: "sluicebox" },
    events: { type: "string", default: "10000" },
    rounds: { type: "string", default: "3" },
  },
});
const events = Number(values.events);
const name = values.contender;

/** Microseconds between two samples. */
const INTERVAL = 100;
/** Milliseconds: the collector's answers take that, and the profile goes on for a little more. */
const ANSWER = 2_000;

/** The package's sources in the place of what was built from them. */
const sources = {
  name: "sources",
  setup({ onResolve }) {
    onResolve({ filter: /\/dist\/index\.js$/ }, () => ({ path: at("pkg/entry/index.js") }));
    onResolve({ filter: /\/fallback\.js$/ }, ({ path }) => ({ path, external: true }));
  },
};

const folder = mkdtempSync(join(tmpdir(), "sluicebox-profile-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const served = join(folder, name);
await esbuild.build({
  stdin: {
    contents: `import start from "./adapters/${name}.js"; globalThis.start = start;`,
    resolveDir: at("tests/bench/peers"),
  },
  absWorkingDir: at("."),
  bundle: true,
  format: "esm",
  target: "es2022",
  splitting: true,
  outdir: served,
  chunkNames: "chunk-[hash]",
  publicPath: `/${name}`,
  logLevel: "error",
  plugins: [sources, snippets()],
});
renameSync(join(served, "stdin.js"), join(served, "main.js"));

/** The file of the source at each line of what was bundled, by the comments that esbuild leaves. */
const files = new Map(
  readdirSync(served).map((file) => {
    let source = "";
    const lines = readFileSync(join(served, file), "utf8").split("\n");
    return [file, lines.map((line) => (source = /^\/\/ (\S+\.js)$/.exec(line)?.[1] ?? source))];
  }),
);

function part({ functionName, url, lineNumber }) {
  if (url.startsWith("wasm")) return "the core (WebAssembly)";
  const source = files.get(url.split("/").at(-1))?.[lineNumber];
  if (source) return source.replace(/^tests\/bench\/peers\//, "");
  return functionName ? `the browser: ${functionName}` : "the browser: other functions";
}

const server = await pageServer(folder);

/** Microseconds an event that the main thread was busy, by part; and without the profiler in all. */
async function round() {
  const far = await collector({ delay: ANSWER });
  const browser = await launch();
  try {
    const page = await open({ page: server.origin }, browser, name, far, 1500, "?iso");
    const cdp = await browser.ctx.newCDPSession(page);
    await cdp.send("Profiler.enable");
    await cdp.send("Profiler.setSamplingInterval", { interval: INTERVAL });
    await cdp.send("Profiler.start");
    await page.evaluate(async (count) => {
      for (let index = 0; index < count; index++) {
        sdk.track("bench_event", props(index));
        if (index % 50 === 49) await new Promise((resolve) => setTimeout(resolve));
      }
    }, events);
    await sleep(ANSWER + 1_000);
    const { profile } = await cdp.send("Profiler.stop");
    const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
    const spent = new Map();
    profile.samples.forEach((id, index) => {
      const where = part(frames.get(id));
      spent.set(where, (spent.get(where) ?? 0) + profile.timeDeltas[index] / events);
    });
    spent.delete("the browser: (idle)");
    return spent;
  } finally {
    await browser.close();
    await far.down();
  }
}

const rounds = [];
for (let index = 0; index < Number(values.rounds); index++) rounds.push(await round());
const names = new Set(rounds.flatMap((spent) => [...spent.keys()]));
const median = (list) => list.sort((one, other) => one - other)[list.length >> 1];
const table = [...names].map((where) => [where, median(rounds.map((one) => one.get(where) ?? 0))]);
table.sort((one, other) => other[1] - one[1]);
const sum = table.reduce((all, [, spent]) => all + spent, 0);
console.log(`${name}: ${events} events, µs an event, median of ${rounds.length} rounds`);
for (const [where, spent] of table) {
  if (spent >= 0.05) console.log(spent.toFixed(2).padStart(8), where);
}
console.log(sum.toFixed(2).padStart(8), "in all");
process.exit(0);
