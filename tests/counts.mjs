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

/** The names of the tests that failed; of a program that names none, its own. */
export function namesOfFailed(output, program) {
  const names = [...output.matchAll(/^test (.+) \.\.\. (?:FAILED|FAIL)$/gm)].map(
    ([, name]) => name,
  );
  // The reporter says them again at the end, each below the line that says where it is.
  const [, again = ""] = output.split("✖ failing tests:");
  for (const [, name] of again.matchAll(/^✖ (.+?)(?: \(\d[\d.]*m?s\))?$/gm)) names.push(name);
  return names.length > 0 ? [...new Set(names)] : [program];
}

const NOT_STARTED = [
  /driver failed to (start|bind port)/,
  /failed to create a \S+ session/,
  /session not created/,
  /Zygote could not fork/,
];

/** True when wasm-pack's browser was not there for a single test: nothing was tested. */
export const didNotStart = (output) =>
  !/^test /m.test(output) && NOT_STARTED.some((sign) => sign.test(output));
