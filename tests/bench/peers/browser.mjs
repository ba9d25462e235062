// Starts our own headless Chromium (so that we own its pid and profile) and attaches playwright-core over CDP.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

const UA =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"; // SDKs drop "HeadlessChrome" as a bot
const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--disable-blink-features=AutomationControlled",
  `--user-agent=${UA}`,
  "--remote-debugging-port=0",
];
export const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

const live = new Set(); // our process groups, killed with us
for (const sig of ["SIGTERM", "SIGINT"])
  process.on(sig, () => {
    for (const pid of live)
      try {
        process.kill(-pid, "SIGKILL");
      } catch {}
    process.exit(1);
  });

export async function launch(dir = fs.mkdtempSync(path.join(os.tmpdir(), "peers-"))) {
  const portFile = path.join(dir, "DevToolsActivePort");
  fs.rmSync(portFile, { force: true });
  const proc = spawn(
    process.env.CHROMIUM || "/usr/bin/chromium",
    [...ARGS, `--user-data-dir=${dir}`, "about:blank"],
    { detached: true, stdio: "ignore" },
  );
  live.add(proc.pid);
  const gone = new Promise((r) => proc.on("exit", r));
  let port;
  for (let i = 0; i < 600 && !port; i++) {
    await sleep(50);
    try {
      port = fs.readFileSync(portFile, "utf8").split("\n")[0];
    } catch {}
  }
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const ctx = browser.contexts()[0];
  // Gives the time at which all processes of the browser were told to die.
  const kill = async () => {
    const at = Date.now();
    try {
      process.kill(-proc.pid, "SIGKILL");
    } catch {}
    await gone;
    live.delete(proc.pid);
    await sleep(300);
    return at;
  };
  return {
    dir,
    ctx,
    kill,
    close: async () => {
      await kill();
      try {
        fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      } catch {}
    },
  };
}
