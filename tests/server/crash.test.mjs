// What was acknowledged stays, whatever becomes of the process: SQLite in a file, as by default.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { start } from "./command.mjs";
import { survivesKills, stopsCleanly } from "./crash_steps.mjs";

const folder = mkdtempSync(join(tmpdir(), "sluicebox-crash-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a killed server has each acknowledged event once when it is started again", async () => {
  await survivesKills((port) => start([], { folder, port }));
});

test("a server that is told to stop under load loses and repeats nothing", async () => {
  await stopsCleanly(() => start(["--store", "sqlite:stop.db"], { folder }));
});
