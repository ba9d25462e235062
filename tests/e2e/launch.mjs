// Starts a browser as CI must.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";

/** A machine that is short of processes kills a browser that starts, and lets the next one live. */
const ATTEMPTS = 3;
const FIRST_PAGE_MS = 30_000;

/**
 * What `start` resolves to, a browser, once it has shown a first page. One that does not come that far
 * is started again: only this, for what fails later is a test's to tell.
 */
export async function comesUp(start) {
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    let browser;
    try {
      browser = await start();
      await showsPage(browser);
      return browser;
    } catch (error) {
      await browser?.kill?.();
      await browser?.close().catch(() => {});
      if (left === 0) throw error;
      console.error(`the browser did not come up, it is started again: ${error.message}`);
    }
  }
}

/** The process of a page is another one, and may be the one that cannot be started. */
async function showsPage(browser) {
  let timer;
  const late = new Promise((_, reject) => {
    const error = new Error(`no page within ${FIRST_PAGE_MS} ms`);
    timer = setTimeout(reject, FIRST_PAGE_MS, error);
  });
  try {
    const page = await Promise.race([browser.newPage(), late]);
    await Promise.race([page.close(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The back/forward cache is on, as it is for users. */
const options = (more) => ({
  ignoreDefaultArgs: ["--disable-back-forward-cache"],
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    ...more,
  ],
});

/** `more` are further command line arguments of Chromium. */
export const launchBrowser = (more = []) => comesUp(() => chromium.launch(options(more)));

/**
 * Chromium with a profile in this folder that stays when it is killed: { context, kill(), close() }.
 * `kill` ends all of its processes at once, as a machine that loses its power does.
 */
export async function launchProfile(folder) {
  const browser = await comesUp(() => startProfile(folder));
  return { context: browser.contexts()[0], kill: browser.kill, close: browser.kill };
}

async function startProfile(folder) {
  const { executablePath, args } = options(["--remote-debugging-port=0", "about:blank"]);
  const announced = join(folder, "DevToolsActivePort");
  rmSync(announced, { force: true });
  const child = spawn(executablePath, [`--user-data-dir=${folder}`, ...args], {
    detached: true,
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const kill = async () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
    await ended;
  };
  try {
    const port = await Promise.race([portIn(announced), ended.then(() => undefined)]);
    if (!port) throw new Error("it ended before it listened");
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    return Object.assign(browser, { kill });
  } catch (error) {
    await kill();
    throw error;
  }
}

/** The port that a browser writes when it listens; undefined when it does not for too long. */
async function portIn(file) {
  for (const end = Date.now() + FIRST_PAGE_MS; Date.now() < end; await sleep(20)) {
    if (!existsSync(file)) continue;
    const [port] = readFileSync(file, "utf8").split("\n");
    if (port) return port;
  }
  return undefined;
}
