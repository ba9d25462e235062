// The contract of all stores, in workerd: over D1, and over the SQLite of a Durable Object.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { at } from "../../pkg/scripts/lib.mjs";
import { startMiniflare } from "../hosts/miniflare.mjs";
import { cases } from "./contract.mjs";
import { report } from "./table.mjs";

let worker;

before(async () => {
  worker = await startMiniflare(at("tests/stores/worker_contract.mjs"), {
    compatibilityFlags: ["nodejs_compat"],
    d1Databases: ["D1"],
    durableObjects: { Events: { className: "Events", useSQLite: true } },
  });
});

const results = {};

after(() => {
  report(results);
  return worker?.close();
});

for (const [name, path] of [
  ["D1", "/d1"],
  ["Durable Object", "/object"],
]) {
  describe(name, () => {
    results[name] = {};
    for (const [number, one] of cases.entries()) {
      test(one.name, async () => {
        const answer = await fetch(`${worker.url}${path}/${number}`);
        const outcome = await answer.text();
        results[name][one.name] = outcome === "passed" ? outcome : "failed";
        assert.equal(outcome, "passed");
      });
    }
  });
}
