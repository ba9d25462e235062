// Tables and numbers of the pages, beside what the program itself says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createServer } from "sluicebox/server";
import { at, run } from "../../pkg/scripts/lib.mjs";
import { sizes } from "../../pkg/scripts/size.mjs";
import { blocksOf } from "./blocks.mjs";

const page = (path) => readFileSync(at(path), "utf8");
const all = (text, pattern) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name))];

/** The part of a page below a heading. */
const section = (path, heading) => page(path).split(`\n## ${heading}\n`)[1].split("\n## ")[0];

test("the table of the command line has every option that --help has", async () => {
  const help = await run("node", [at("pkg/dist/cli.js"), "--help"]);
  const options = all(help, /^ {2}(--[a-z-]+)/gm);
  const table = all(section("docs/node.md", "The command line"), /^\| `(--[a-z-]+)/gm);
  const known = options.filter((name) => name !== "--help" && name !== "--version");
  assert.deepEqual(table.sort(), known.sort());
});

test("the table of metrics has every name that /metrics has", async () => {
  const server = createServer();
  const numbers = await (await server.fetch(new Request("http://localhost/metrics"))).text();
  const table = all(section("docs/server.md", "Metrics"), /^\| `(\w+)`/gm);
  assert.deepEqual(table.sort(), all(numbers, /^# TYPE (\w+)/gm).sort());
  await server.close();
});

test("the line of the log is one that the server writes", async () => {
  const lines = [];
  const server = createServer({ log: (line) => lines.push(line) });
  await server.fetch(new Request("http://localhost/healthz"));
  const { code } = blocksOf("docs/server.md").find(({ language }) => language === "json");
  assert.deepEqual(Object.keys(JSON.parse(code)), Object.keys(lines[0]));
  await server.close();
});

test("every name under which a visitor is stored is in the page about privacy", () => {
  const names = all(page("src/api/visitor.js"), /"(rl_\w+)"/g);
  assert.ok(names.length > 5);
  const told = all(page("docs/privacy.md"), /`(rl_\w+)`/g).filter((name) => name !== "rl_test");
  assert.deepEqual(told.sort(), names.sort());
});

test("every reason that onError can hear is in the page about delivery", () => {
  const codes = all(page("src/core/error.rs"), /Code::\w+ => "(\w+)"/g);
  const table = all(section("docs/delivery.md", "What onError says"), /^\| `(\w+)`/gm);
  // What only calls that wait for an answer can have.
  const others = ["invalid_argument", "invalid_path", "not_running", "rate_limited"];
  const more = ["network", "timeout"];
  assert.deepEqual(
    table.sort(),
    codes.filter((code) => ![...others, ...more].includes(code)).sort(),
  );
});

test("the sizes in README.md are those of `npm run size`", async () => {
  const measured = await sizes();
  const told = (words) =>
    new RegExp(`^\\| ${words}.*?([\\d.]+) kB`, "m").exec(page("README.md"))?.[1];
  for (const [row, words] of [
    ["a page with one event", "script of a page with one event"],
    ["what stores its events, loaded after that", "what stores events"],
  ]) {
    const { brotli } = measured[row];
    const difference = Math.abs(brotli / 1000 - told(words));
    assert.ok(difference < 0.2, `${words}: ${told(words)} kB, measured ${brotli} B`);
  }
});
