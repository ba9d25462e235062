// `npm run bench`: installs the contenders on first use, and runs.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { at, isMain, run, script, timed } from "../../../pkg/scripts/lib.mjs";

const FOLDER = "tests/bench/peers";
const STAMP = `${FOLDER}/node_modules/.sluicebox-lock`;

async function ready() {
  if (!existsSync(at("pkg/dist/index.js"))) {
    await run("node", [at("pkg/scripts/build.mjs")], { verbose: true });
  }
  const lock = createHash("sha256").update(readFileSync(at(`${FOLDER}/package-lock.json`)));
  const wanted = lock.digest("hex");
  if (existsSync(at(STAMP)) && readFileSync(at(STAMP), "utf8") === wanted) return;
  await timed("bench: installing the contenders", () =>
    run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: at(FOLDER) }),
  );
  writeFileSync(at(STAMP), wanted);
}

if (isMain(import.meta.url)) {
  await script(async () => {
    await ready();
    await import("./run.mjs");
  });
}
