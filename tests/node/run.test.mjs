// How `npm test` counts. A count that is wrong here would be wrong everywhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { countsOf } from "../counts.mjs";

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
