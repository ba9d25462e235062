// Test runners: what a user's own tests import is the package, in the runner's way and environment.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { consumer, row, versionOf } from "./support/consumer.mjs";
import { MOST_MS, startDataPlane } from "./support/data_plane.mjs";

let plane;

before(async () => (plane = await startDataPlane()));
after(() => plane?.close());

/** Both environments of a runner: the machine's own, and one that plays a page. */
for (const environment of ["node", "jsdom"]) {
  test(`Vitest, ${environment}`, async () => {
    const said = await passes(
      "vitest",
      ["run", "--environment", environment, `--testTimeout=${MOST_MS}`],
      environment,
    );
    assert.match(said, /1 passed/);
    row("Vitest", versionOf("vitest"), `environment ${environment}`);
  });

  test(`Jest, ${environment}`, async () => {
    const file = environment === "jsdom" ? "page" : "delivers";
    const said = await passes(
      "jest",
      [file, "--env", environment, "--no-cache", `--testTimeout=${MOST_MS}`],
      environment,
    );
    assert.match(said, /Tests: +[12] passed/);
    assert.doesNotMatch(said, /did not exit|open handle|console\./);
    row(
      "Jest",
      versionOf("jest"),
      environment === "jsdom"
        ? "environment jsdom, with a fetch of the test's own"
        : "environment node",
    );
  });
}

async function passes(runner, args, environment) {
  const key = `${runner}-${environment}`;
  const app = consumer(runner);
  const said = await app.run(runner, args, { KEY: key, DATA_PLANE: plane.url, NO_COLOR: "1" });
  assert.deepEqual(await plane.stored(key), ["Opened"]);
  return said;
}
