// The built package by its public names, with `import` and with `require`.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { at } from "../../pkg/scripts/lib.mjs";

const require = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync(at("pkg/package.json"), "utf8"));

const NAMES = {
  ".": [
    "Analytics",
    "Collector",
    "SluiceboxError",
    "StreamClient",
    "Streamer",
    "Stride",
    "durableObjectStore",
    "setId",
    "setTimestamp",
  ],
  "./server": [
    "createServer",
    "d1",
    "durableObject",
    "libsql",
    "memory",
    "nodeRedis",
    "nodeSqlite",
    "postgres",
    "redis",
    "sql",
    "upstash",
  ],
  "./node": ["fileStore", "serve"],
};

for (const [entry, names] of Object.entries(NAMES)) {
  const name = join(manifest.name, entry);

  test(`${name} gives its names to import and to require`, async () => {
    const [imported, required] = [await import(name), require(name)];
    for (const member of names) {
      assert.equal(typeof imported[member], "function", `import: ${member}`);
      assert.equal(typeof required[member], "function", `require: ${member}`);
    }
  });

  test(`${name} has types and code where package.json says`, () => {
    const conditions = Object.values(manifest.exports[entry]);
    for (const { types, default: code } of conditions.map((given) => given.import ?? given)) {
      for (const path of [types, code]) assert.ok(existsSync(at(`pkg/${path.slice(2)}`)), path);
    }
  });
}

function join(name, entry) {
  return entry === "." ? name : `${name}${entry.slice(1)}`;
}

test("an error is an instance of the exported class, which is an Error", async () => {
  const { SluiceboxError, Stride } = await import("sluicebox");
  assert.throws(
    () => new Stride(""),
    (error) =>
      error instanceof SluiceboxError &&
      error instanceof Error &&
      error.code === "invalid_argument" &&
      error.fault === "caller",
  );
});

test("an error of one entry is an instance of the class that any other exports", async () => {
  const modules = [
    await import("sluicebox"),
    await import("sluicebox/server"),
    require("sluicebox"),
    require("sluicebox/server"),
  ];
  for (const { SluiceboxError: Class } of modules) {
    for (const { SluiceboxError } of modules) {
      const error = new SluiceboxError("storage", "caller", "a message");
      assert.ok(error instanceof Class);
      class Own extends SluiceboxError {}
      assert.ok(!(error instanceof Own), "not of a class made from it");
      assert.ok(new Own("storage", "caller", "") instanceof Own);
      assert.ok(new Own("storage", "caller", "") instanceof Class);
    }
    for (const other of [new Error(), {}, "", null, undefined])
      assert.ok(!(other instanceof Class));
  }
  const { fileStore } = await import("sluicebox/node");
  assert.throws(() => fileStore(""), modules[0].SluiceboxError);
});

test("everything is ASCII, so no charset can break it", () => {
  const forms = ["js", "cjs", "workerd.js", "edge.js"];
  for (const file of ["index", "server"].flatMap((name) =>
    forms.map((form) => `${name}.${form}`),
  )) {
    const bytes = readFileSync(at(`pkg/dist/${file}`));
    assert.ok(
      bytes.every((byte) => byte < 128),
      file,
    );
  }
});

test("the command line tool can be executed", () => {
  const cli = at(`pkg/${manifest.bin.sluicebox}`);
  assert.ok(readFileSync(cli, "utf8").startsWith("#!/usr/bin/env node\n"));
  assert.ok(statSync(cli).mode & 0o100, "not executable");
});

test("the inlined module and the raw one are the same bytes", async () => {
  const { bytes } = await import(at("pkg/dist/wasm/client/inline.js"));
  assert.deepEqual(Buffer.from(bytes()), readFileSync(at("pkg/dist/client.wasm")));
});
