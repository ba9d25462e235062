// What `sluicebox send` gets through, with `sluicebox serve` behind it, each a process of its own.
//
//   node tests/bench/send.mjs [--events 100000] [--rounds 3] [--store memory]
//
// The events are the recorded activity; from the second round on the server knows their ids. Shown are each
// round's ledger as `send` prints it, and the most memory that it used.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { at } from "../../pkg/scripts/lib.mjs";
import { start } from "../server/command.mjs";
import { activity, KEYS } from "./activity.mjs";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "100000" },
    rounds: { type: "string", default: "3" },
    store: { type: "string", default: "memory" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "sluicebox-bench-send-"));
const next = activity();
const events = Array.from({ length: Number(values.events) }, () => JSON.stringify(next()));
const file = join(folder, "events.ndjson");
writeFileSync(file, `${events.join("\n")}\n`);

/** Writes the process's own peak to a descriptor of ours as it ends. */
const PEAK = join(folder, "peak.mjs");
writeFileSync(
  PEAK,
  'import { writeSync } from "node:fs";\n' +
    'process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS)));\n',
);

const server = await start(["--store", values.store, "--keys", KEYS.join(",")], { folder });
try {
  for (let round = 1; round <= Number(values.rounds); round++) {
    const args = ["--import", PEAK, at("pkg/dist/cli.js"), "send", server.url, "activity", file];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit", "pipe"] });
    let [ledger, peak] = ["", ""];
    child.stdout.on("data", (chunk) => (ledger += chunk));
    child.stdio[3].on("data", (chunk) => (peak += chunk));
    await new Promise((resolve) => child.on("close", resolve));
    console.log(`${ledger.trim()}, ${Math.round(peak / 1024)} MiB at most`);
  }
} finally {
  await server.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}
