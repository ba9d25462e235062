// The demo page in a browser, read as a visitor reads it.

import { eventually } from "./app.mjs";

const COUNTS = ["accepted", "delivered", "rejected", "expired", "dropped", "pending"];

const number = (text) => Number(text.replace(/[^\d-]/g, ""));

/** A page of the app that has begun, with what its browser complained of in `complaints`. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url);
  // Its first event has come back, so all of its clients are at work.
  await page.getByTestId("feed-row").first().waitFor();
  return { page, context, complaints };
}

/** The ledger as the page shows it. */
export async function ledgerOf(page) {
  const read = (name) => page.getByTestId(`ledger-${name}`).textContent();
  const texts = await Promise.all(COUNTS.map(read));
  return Object.fromEntries(COUNTS.map((name, at) => [name, number(texts[at])]));
}

/** The number that stands at this hook. */
export const numberAt = async (page, hook) => number(await page.getByTestId(hook).textContent());

/** Events in the storage of the browser, as the page shows it: { this, other, none }. */
export async function shelvesOf(page) {
  const rows = await page
    .locator("#shelves li")
    .evaluateAll((all) => all.map(({ dataset }) => [dataset.tab, Number(dataset.events)]));
  const sum = { this: 0, other: 0, none: 0 };
  for (const [tab, events] of rows) sum[tab] += events;
  return sum;
}

/** Resolves to the ledger when it has these members. */
export function ledgerWith(page, wanted, timeout) {
  return eventually(
    `a ledger with ${JSON.stringify(wanted)}`,
    async () => {
      const now = await ledgerOf(page);
      return Object.entries(wanted).every(([name, count]) => now[name] === count) && now;
    },
    timeout,
  );
}
