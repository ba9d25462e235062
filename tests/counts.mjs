/** Counts of cargo test, wasm-bindgen-test and node:test; a stage that prints none counts as one. */
export function countsOf(output, failed) {
  const counts = { passed: 0, failed: 0 };
  for (const [, passed, failures] of output.matchAll(
    /^test result: .*? (\d+) passed; (\d+) failed/gm,
  )) {
    counts.passed += Number(passed);
    counts.failed += Number(failures);
  }
  for (const [, kind, count] of output.matchAll(/^ℹ (pass|fail|cancelled) (\d+)$/gm)) {
    counts[kind === "pass" ? "passed" : "failed"] += Number(count);
  }
  if (failed && counts.failed === 0) counts.failed = 1;
  if (!failed && counts.passed === 0) counts.passed = 1;
  return counts;
}
