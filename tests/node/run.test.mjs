// How `npm test` counts. A count that is wrong here would be wrong everywhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { countsOf, didNotStart, namesOfFailed } from "../counts.mjs";
import { comesUp } from "../e2e/launch.mjs";

test("cargo's lines are added up", () => {
  const output = `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured
test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured`;
  assert.deepEqual(countsOf(output, true), { passed: 15, failed: 2 });
});

test("node's counts include what was cancelled", () => {
  const output = "ℹ tests 9\nℹ pass 7\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\n";
  assert.deepEqual(countsOf(output, true), { passed: 7, failed: 2 });
});

test("a stage without counts is one check", () => {
  assert.deepEqual(countsOf("", false), { passed: 1, failed: 0 });
  assert.deepEqual(countsOf("error: could not compile", true), { passed: 0, failed: 1 });
});

test("a failure is never lost, even when all that was counted passed", () => {
  const output = "test result: ok. 12 passed; 0 failed;";
  assert.deepEqual(countsOf(output, true), { passed: 12, failed: 1 });
});

test("tests that failed are named once each, and a program that names none by itself", () => {
  const cargo = "test core::queue ... ok\ntest core::log ... FAILED\n";
  assert.deepEqual(namesOfFailed(cargo, "cargo"), ["core::log"]);
  const node = [
    "✖ a file, in passing (3.1ms)",
    "✖ failing tests:",
    "",
    "test at a.test.mjs:1:1",
    "✖ a page that leaves (12.5ms)",
    "  Error: lost",
    "test at a.test.mjs:9:1",
    "✖ a page that leaves (7ms)",
  ].join("\n");
  assert.deepEqual(namesOfFailed(node, "node"), ["a page that leaves"]);
  assert.deepEqual(namesOfFailed("[warn] a.mjs", "prettier"), ["prettier"]);
});

test("only a browser that did not start before any test is a reason to run them again", () => {
  assert.ok(didNotStart("Error: failed to create a chrome session: session not created"));
  assert.ok(!didNotStart("test one ... ok\nError: driver failed to start"));
  assert.ok(!didNotStart("test one ... FAIL"));
});

const aBrowser = (newPage) => ({ newPage, close: async () => {} });
const page = async () => ({ close: async () => {} });
const crash = async () => {
  throw new Error("crashed");
};

test("a browser that crashes before its first page is started again, twice at most", async () => {
  const coming = [crash, () => aBrowser(crash), () => aBrowser(page)];
  await comesUp(async () => coming.shift()());
  assert.equal(coming.length, 0);
  let started = 0;
  const never = comesUp(() => ((started += 1), crash()));
  await assert.rejects(never, /crashed/);
  assert.equal(started, 3);
});
