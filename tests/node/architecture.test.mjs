// The arrows between the floors hold for JavaScript as they do for Rust.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { at, filesOf } from "../../pkg/scripts/lib.mjs";

const ALLOWED = {
  core: ["core"],
  protocol: ["core", "protocol"],
  platform: ["core", "platform"],
  api: ["core", "protocol", "platform", "api", "pkg"],
};

/** What is only to be touched where the world is touched. */
const WORLD = /\b(fetch|setTimeout|setInterval|crypto|navigator|localStorage|Date\.now)\b/;

const floorOf = (path) => (path.startsWith("src/") ? path.split("/")[1] : path.split("/")[0]);

/** What is wrong with one file. */
export function violations(path, text) {
  const floor = floorOf(path);
  const found = [];
  for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
    const named = target.startsWith(".")
      ? floorOf(posix.join(posix.dirname(path), target))
      : target;
    if (!ALLOWED[floor].includes(named)) found.push(`${path}: ${floor} must not import ${named}`);
  }
  const code = text.replace(/\/\*.*?\*\/|\/\/.*$|"[^"]*"/gms, "");
  if (["core", "protocol"].includes(floor) && WORLD.test(code)) {
    found.push(`${path}: ${WORLD.exec(code)[0]} in a pure floor`);
  }
  return found;
}

test("every JavaScript file imports only what its floor may", () => {
  const files = filesOf(["src"]).filter((file) => file.endsWith(".js"));
  assert.ok(files.length > 10, `${files.length} files`);
  const found = files.flatMap((file) =>
    violations(posix.relative(at("."), file), readFileSync(file, "utf8")),
  );
  assert.deepEqual(found, []);
});

test("an arrow that points the wrong way is found", () => {
  const bad = {
    'import "../api/check.js";': "src/core/x.js",
    'import { a } from "../platform/host.js";': "src/protocol/x.js",
    'import { a } from "../api/check.js";': "src/platform/x.js",
    'import fs from "node:fs";': "src/platform/y.js",
    "const now = Date.now();": "src/core/y.js",
  };
  for (const [text, path] of Object.entries(bad)) {
    assert.equal(violations(path, text).length, 1, path);
  }
  assert.deepEqual(violations("src/api/x.js", 'import { a } from "../core/json.js";'), []);
});
