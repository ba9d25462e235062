// Starts a browser as CI must.

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
