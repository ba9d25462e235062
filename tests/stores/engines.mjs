// Holds stores to the contract, case by case.

import { after, describe, test } from "node:test";
import { cases, runCase } from "./contract.mjs";
import { report } from "./table.mjs";

/**
 * `engines`, by name: a function of the case's number that gives a new, empty store each time, itself a
 * function of the store's options. Gives the results, to which others may be added; `end` is called
 * when all cases are through.
 */
export function hold(engines, end) {
  const results = {};
  after(async () => {
    report(results);
    await end();
  });
  for (const [engine, fresh] of Object.entries(engines)) {
    describe(engine, () => {
      results[engine] = {};
      for (const [number, one] of cases.entries()) {
        // Each server has a memory of its own.
        if (one.isShared && engine === "memory") continue;
        test(one.name, async () => {
          results[engine][one.name] = "failed";
          await runCase(one, fresh(number));
          results[engine][one.name] = "passed";
        });
      }
    });
  }
  return results;
}
