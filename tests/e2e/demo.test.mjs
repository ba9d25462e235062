// The whole way: what a visitor does in the page arrives in the server, in the live feed and in
// the ledger, and the uploaded file can be queried.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { at, filesOf } from "../../pkg/scripts/lib.mjs";
import { eventually, freePort, items, startApp } from "./app.mjs";
import { launchBrowser } from "./launch.mjs";

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const UPLOAD_TIMEOUT_MS = 120_000;

let app, browser, page;
const complaints = [];

const $ = (name) => page.getByTestId(name);

before(async () => {
  mkdirSync(at("tests/artifacts"), { recursive: true });
  app = await startApp(await freePort());
  browser = await launchBrowser();
  page = await newPage({ viewport: DESK });
});

after(async () => {
  await browser?.close();
  await app?.stop();
});

async function newPage(options) {
  const context = await browser.newContext(options);
  const opened = await context.newPage();
  opened.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  opened.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  return opened;
}

const idOf = (event) => event.messageId ?? JSON.stringify(event);
const namesOf = (event) => [event.event, event.name, event.type].filter(Boolean);

/** Does something in the page; its events must come to the server and into the live feed. */
async function arrives(what, act) {
  const seen = new Set((await items(app.url)).map(idOf));
  await act();
  const fresh = await eventually(`${what} in items`, async () => {
    const found = (await items(app.url)).filter((event) => !seen.has(idOf(event)));
    return found.length > 0 && found;
  });
  for (const event of fresh) {
    await eventually(`${what} (${namesOf(event).join(", ")}) in the live feed`, async () => {
      const rows = await $("feed-row").evaluateAll((all) => all.map((row) => row.dataset.event));
      return namesOf(event).some((name) => rows.includes(name));
    });
  }
  return fresh;
}

const COUNTS = ["accepted", "delivered", "rejected", "expired", "dropped", "pending"];

async function ledger() {
  const texts = await Promise.all(COUNTS.map((count) => $(`ledger-${count}`).textContent()));
  const numbers = texts.map((text) => Number(text.replace(/[^\d-]/g, "")));
  return Object.fromEntries(COUNTS.map((count, index) => [count, numbers[index]]));
}

/** The buttons or links of one kind that the page has, by their hooks. */
const hooks = (prefix) =>
  page
    .locator(`[data-testid^="${prefix}"]`)
    .evaluateAll((all) => all.map((element) => element.dataset.testid));

test("the page view of the load arrives", async () => {
  const [event, ...more] = await arrives("the page view", () => page.goto(app.url));
  assert.equal(event.type, "page");
  assert.deepEqual(more, [], "a load is one page view");
});

test("each navigation link is one page view", async () => {
  const links = await hooks("nav-page-");
  for (const name of ["home", "pricing", "docs"])
    assert.ok(links.includes(`nav-page-${name}`), name);
  for (const link of ["nav-page-pricing", "nav-page-docs", "nav-page-home"]) {
    const events = await arrives(link, () => $(link).click());
    assert.deepEqual(
      events.map((event) => event.type),
      ["page"],
      link,
    );
  }
});

test("each screen button is one screen view", async () => {
  const buttons = await hooks("screen-");
  assert.ok(buttons.length > 0, "no screen buttons");
  for (const button of buttons) {
    const events = await arrives(button, () => $(button).click());
    assert.deepEqual(
      events.map((event) => event.type),
      ["screen"],
      button,
    );
  }
});

test("each action button is one tracked event", async () => {
  const buttons = await hooks("action-");
  assert.ok(buttons.length > 0, "no action buttons");
  for (const button of buttons) {
    const events = await arrives(button, () => $(button).click());
    assert.deepEqual(
      events.map((event) => event.type),
      ["track"],
      button,
    );
  }
});

/** The activity file that the page offers. */
function activity() {
  const file = filesOf(["www"]).find((path) => /^activity.*\.ndjson(\.gz)?$/.test(basename(path)));
  assert.ok(file, "www holds no activity*.ndjson(.gz)");
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return text.trimEnd().split("\n").map(JSON.parse);
}

/** Two events are the same for the query's sake when these agree. */
const facts = ({ kind, repo, user, files, added, removed }) =>
  JSON.stringify({ kind, repo, user, files, added, removed });

test("the activity file is uploaded and every line is accounted for", async (t) => {
  const lines = activity();
  await $("upload").click();
  await $("upload-done").waitFor({ timeout: UPLOAD_TIMEOUT_MS });
  const { count, rate } = await $("upload-done").evaluate((element) => ({ ...element.dataset }));
  assert.equal(Number(count), lines.length);
  assert.ok(Number(rate) > 0, `rate ${rate}`);
  t.diagnostic(`${count} events, ${rate} a second`);
  const { value, max } = await $("upload-progress").evaluate(({ value, max }) => ({ value, max }));
  assert.equal(value, max, "the progress is complete");
});

test("items filtered by repo, user and kind answers from the file", async () => {
  const lines = activity();
  const groups = new Map();
  for (const line of lines.filter(({ user }) => user !== undefined)) {
    const key = JSON.stringify({ repo: line.repo, user: line.user, kind: line.kind });
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const chosen = [...groups]
    .filter(([, group]) => group.length >= 3 && group.length <= 15)
    .slice(0, 20);
  assert.ok(chosen.length > 0, "the file has no group of a good size");
  for (const [key, group] of chosen) {
    const found = await items(app.url, JSON.parse(key), 100);
    assert.deepEqual(found.map(facts).sort(), group.map(facts).sort(), key);
  }
  const nobody = { repo: lines[0].repo, user: -1, kind: lines[0].kind };
  assert.deepEqual(await items(app.url, nobody), []);
});

test("the page's own query shows what the server answers", async () => {
  const release = activity().find(({ kind }) => kind === "release");
  await $("query-key").selectOption("repo");
  await $("query-value").fill(release.repo);
  await $("query-run").click();
  await $("query-row").first().waitFor();
  const expected = await items(app.url, { repo: release.repo }, 20);
  await eventually("rows for the query", async () => {
    const rows = await $("query-row").count();
    return rows > 0 && rows <= expected.length;
  });
  assert.ok(await $("rate-plot").isVisible(), "the rate plot is visible");
});

test("the ledger balances and nothing is pending", async () => {
  const counts = await eventually("nothing pending", async () => {
    const now = await ledger();
    return now.pending === 0 && now;
  });
  const { accepted, delivered, rejected, expired, dropped, pending } = counts;
  assert.equal(
    accepted,
    delivered + rejected + expired + dropped + pending,
    JSON.stringify(counts),
  );
  assert.ok(accepted > 0, "something was accepted");
  assert.deepEqual({ rejected, expired, dropped }, { rejected: 0, expired: 0, dropped: 0 });
});

for (const [device, viewport] of Object.entries({ desk: DESK, phone: PHONE })) {
  for (const colorScheme of ["light", "dark"]) {
    test(`on a ${device} in ${colorScheme} nothing is cut off`, async () => {
      const opened = await newPage({ viewport, colorScheme });
      await opened.goto(app.url);
      await opened.getByTestId("feed-row").first().waitFor();
      await opened.getByTestId("action-signup").click();
      await opened.waitForTimeout(300);
      await opened.screenshot({
        path: at(`tests/artifacts/demo-${device}-${colorScheme}.png`),
        fullPage: true,
      });
      const { content, screen } = await opened.evaluate(() => ({
        content: document.documentElement.scrollWidth,
        screen: document.documentElement.clientWidth,
      }));
      assert.ok(content <= screen, `the page is ${content} wide on a screen of ${screen}`);
      await opened.context().close();
    });
  }
}

test("the browser had nothing to complain about", () => {
  assert.deepEqual(complaints, []);
});

test("a port that is in use is a sentence that names --port", async () => {
  const { port } = new URL(app.url);
  await assert.rejects(startApp(port), (error) => {
    assert.match(error.message, new RegExp(`Port ${port} is in use: .*--port`));
    return true;
  });
});

test("Ctrl-C stops it", async () => {
  await browser.close();
  browser = undefined;
  const code = await app.stop();
  // npm passes the signal on, and then ends by it itself.
  assert.ok([0, 130, "SIGINT"].includes(code), `ended with ${code}`);
  assert.match(app.output(), /start: stopping/);
  app = undefined;
});
