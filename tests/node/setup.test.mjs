// A machine that lacks something is told what, in one sentence.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { at } from "../../pkg/scripts/lib.mjs";

const folder = mkdtempSync(join(tmpdir(), "sluicebox-setup-"));
after(() => rmSync(folder, { recursive: true }));
symlinkSync(process.execPath, join(folder, "node"));

/** Puts a program on the test's PATH that prints `says` and ends with `code`. */
function program(name, says = "", code = 0) {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' '${says}'\nexit ${code}\n`);
  chmodSync(path, 0o755);
  return path;
}

function setup() {
  const { status, stdout, stderr } = spawnSync(process.execPath, [at("pkg/scripts/setup.mjs")], {
    env: { PATH: folder },
    encoding: "utf8",
  });
  return { status, said: (stdout + stderr).trim() };
}

test("without cargo, setup names Rust and where to get it", () => {
  const { status, said } = setup();
  assert.equal(status, 1);
  assert.match(said, /^Rust is needed and cargo was not found on PATH: .*https:\/\/rustup\.rs/);
  assert.equal(said.split("\n").length, 1);
});

test("with a cargo that does not run, setup says what it said", () => {
  const cargo = program("cargo", "no default toolchain", 1);
  const { status, said } = setup();
  rmSync(cargo);
  assert.equal(status, 1);
  assert.match(said, /cargo does not run \(no default toolchain\)/);
});

test("without the wasm target and without rustup, setup names rustup", () => {
  const programs = [program("cargo"), program("rustc", "/nowhere")];
  const { status, said } = setup();
  programs.forEach((path) => rmSync(path));
  assert.equal(status, 1);
  assert.match(said, /cannot build for wasm32-unknown-unknown and rustup is not there/);
  assert.equal(said.split("\n").length, 1);
});

test("without PostgreSQL or Redis, the tests of the stores say how to name them", () => {
  const url = pathToFileURL(at("pkg/scripts/databases.mjs"));
  const script = `(await import("${url}")).databasePrograms()`;
  for (const missing of ["POSTGRES_BIN", "REDIS_SERVER"]) {
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      env: { PATH: folder, [missing]: join(folder, "nowhere") },
      encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.match(stderr, /need PostgreSQL and Redis: install both.*POSTGRES_BIN.*REDIS_SERVER/);
  }
});
