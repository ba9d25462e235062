// Stores and cases as a table: tests/artifacts/stores.md. Each test file adds the stores it ran.

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { at } from "../../pkg/scripts/lib.mjs";
import { cases } from "./contract.mjs";

const FOLDER = at("tests/artifacts/stores");

/** `results` is, by store, the outcome of each case by its name; none: it is not the store's. */
export function report(results) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [store, outcomes] of Object.entries(results)) {
    const file = join(FOLDER, `${store.replace(/\W+/g, "-")}.json`);
    // Other files of tests read it at any time, and must not see a part of it.
    const part = `${FOLDER}.${process.pid}.part`;
    writeFileSync(part, JSON.stringify({ store, outcomes }));
    renameSync(part, file);
  }
  const files = readdirSync(FOLDER).map((file) => readFileSync(join(FOLDER, file), "utf8"));
  const stores = files.map((text) => JSON.parse(text));
  writeFileSync(at("tests/artifacts/stores.md"), table(stores));
}

function table(stores) {
  const row = (cells) => `| ${cells.join(" | ")} |\n`;
  const sum = ({ outcomes }) => {
    const all = Object.values(outcomes);
    return `${all.filter((outcome) => outcome === "passed").length} of ${all.length}`;
  };
  return [
    row(["case", ...stores.map(({ store }) => store)]),
    row(["---", ...stores.map(() => "---")]),
    ...cases.map(({ name }) => row([name, ...stores.map((it) => it.outcomes[name] ?? "")])),
    row(["passed", ...stores.map(sum)]),
  ].join("");
}
