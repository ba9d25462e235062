// Runs each scenario with the original client and with ours, each against a recorder of its own, and
// compares what the two recorders got and what the calls gave.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { at } from "../../pkg/scripts/lib.mjs";
import { brief, forms, Meant } from "./compare.mjs";
import { recorder } from "./recorder.mjs";
import { compiled, converted, python } from "./setup.mjs";

const RUN_TIMEOUT_MS = 110_000;

/** Of the connection, and the length, which spaces between members change. */
const NOT_COMPARED = ["host", "connection", "content-length", "transfer-encoding", "keep-alive"];

/**
 * One suite. A scenario is { name, calls, answers, … }: calls are [name, …arguments] in JSON, so that
 * both sides make the same ones; `answers` as those of the recorder, or `serving` that makes them anew for each
 * side; a side may serve by itself. `original` and `ours` take
 * (scenario, url, recorder) and resolve to what the calls gave. `view` makes of a run what is compared, and a
 * scenario's `check` looks at our run alone; `differences` are those that are meant. So many scenarios run at once as
 * `concurrency` says.
 */
export function differential(suite) {
  const { title, scenarios, original, ours, view, differences, concurrency = 8 } = suite;
  const meant = new Meant(differences);
  describe(title, () => {
    describe("makes the same requests and gives the same results", { concurrency }, () => {
      for (const scenario of scenarios) {
        test(scenario.name, async () => {
          const runs = await Promise.all([original, ours].map((side) => observe(side, scenario)));
          scenario.check?.(runs[1]);
          const [one, two] = runs.map((run) => view(run, scenario));
          const unlisted = meant.check(scenario.name, one, two);
          assert.ok(unlisted.length === 0, `not listed:\n${lines(unlisted)}`);
        });
      }
    });
    test("every listed difference still occurs", () => assert.deepEqual(meant.stale(), []));
    after(() => {
      const file = `tests/artifacts/originals-${title.toLowerCase().replace(/\W+/g, "-")}.md`;
      mkdirSync(at("tests/artifacts"), { recursive: true });
      writeFileSync(at(file), `# Differences: ${title}\n\n${meant.table()}\n`);
      console.log(`${title}\n${meant.table()}\n`);
    });
  });
}

/** One line for each kind of difference, with how often it was found. */
function lines(found) {
  const counts = new Map();
  for (const { at, original, ours } of found) {
    const member = at.replace(/\[\d+\]/g, "[*]");
    const text = `  ${member}: original ${brief(original, 200)}, ours ${brief(ours, 200)}`;
    counts.set(text, [...(counts.get(text) ?? []), at]);
  }
  return [...counts]
    .map(([text, all]) => `${text}  (${all.length} times, first ${all[0]})`)
    .join("\n");
}

async function observe(side, scenario) {
  const answers = side.serving?.(scenario) ?? scenario.serving?.() ?? scenario.answers;
  const server = await recorder(answers);
  const from = Date.now();
  try {
    const given = await side(scenario, server.url, server);
    const preflights = server.preflights.map(request);
    const run = { ...given, requests: server.requests.map(request), preflights };
    const { host, port } = new URL(server.url);
    const names = { [server.url]: "‹server›", [host]: "‹server›", [`:${port}`]: ":‹port›" };
    return forms(JSON.parse(JSON.stringify(run)), { from, to: Date.now(), names });
  } finally {
    await server.close();
  }
}

function request({ method, path, headers, text, json, at }) {
  const compared = Object.entries(headers).filter(([name]) => !NOT_COMPARED.includes(name));
  const body = text === "" ? undefined : json === undefined ? text : json;
  return { method, path, headers: Object.fromEntries(compared), body, at };
}

/** A `check`: the second request for a path comes so many milliseconds after the first, or later. */
export const waits = (path, least) => (run) => {
  const [one, two] = run.requests.filter((request) => request.path === path);
  const waited = two.at - one.at;
  // A timer may be early by what a clock rounds.
  assert.ok(waited >= least - 5, `waited ${waited} ms of ${least}`);
};

/** A run without the times of its requests. */
export const untimed = (run) => ({
  ...run,
  requests: run.requests.map((request) => ({ ...request, at: undefined })),
});

/** What a call gave: its result, or the text of what it threw. */
export async function outcome(call) {
  try {
    return { result: (await call()) ?? null };
  } catch (error) {
    return { error: error.message };
  }
}

/** Makes the calls of a job with a Python client, in a folder of its own: its result and `files`. */
export async function runPython(client, job) {
  const cwd = mkdtempSync(join(tmpdir(), "originals-"));
  try {
    const env = { PATH: process.env.PATH, HOME: cwd, PYTHONPATH: converted, NO_PROXY: "*" };
    const main = at("tests/originals/python/main.py");
    if (!existsSync(python)) throw new Error("first run `node tests/originals/setup.mjs`");
    const options = ["-X", "utf8", "-X", `pycache_prefix=${compiled}`];
    const child = spawn(python, [...options, main], { cwd, env, timeout: RUN_TIMEOUT_MS });
    child.stdin.end(JSON.stringify({ client, ...job }));
    const [said, blamed, code] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      new Promise((resolve) => child.once("close", resolve)),
    ]);
    if (code !== 0) throw new Error(`python ended with ${code}:\n${blamed}`);
    const names = readdirSync(cwd);
    const files = names.map((name) => [name, readFileSync(join(cwd, name), "utf8")]);
    return { ...JSON.parse(said), files: Object.fromEntries(files) };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

async function textOf(stream) {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk;
  return text;
}
