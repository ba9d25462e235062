// The switches of the demo page do what they say, and nothing is lost by any of them.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { eventually, freePort, items, startApp } from "./app.mjs";
import { launchBrowser } from "./launch.mjs";
import { ledgerOf, ledgerWith, numberAt, openPage, shelvesOf } from "./www_page.mjs";

/** A stopped server is away for a while, and after that a client may wait half as long again. */
const OUTAGE_MS = 60_000;

/** Seconds. */
const STOPPED = 20;
/** Milliseconds: a slow server thinks for 1.5 s, by a clock that may be a little behind. */
const SLOW_MS = 1400;

let app, browser, page, context, complaints;
/** Ids that the server had before the page of this test. */
let earlier;

const $ = (name) => page.getByTestId(name);
const isTrouble = (response) =>
  response.request().method() === "POST" && new URL(response.url()).pathname.startsWith("/demo/");
/** Pressed once more, the server is well again. Resolves when the server has heard of it. */
const press = (fault) =>
  Promise.all([page.waitForResponse(isTrouble), $(`server-${fault}`).click()]);
const isPressed = async (fault) =>
  (await $(`server-${fault}`).getAttribute("aria-pressed")) === "true";
const story = (pattern) =>
  eventually(`a story like ${pattern}`, async () => pattern.test(await $("story").textContent()));

/** In the page: notes every sentence, also those that are soon another one. */
function noteStories() {
  const story = document.querySelector('[data-testid="story"]');
  window.stories = [];
  const note = () => stories.push(story.textContent);
  new MutationObserver(note).observe(story, {
    childList: true,
    characterData: true,
    subtree: true,
  });
}

/** The ids of what the server keeps beyond what it had, each as often as it has it. */
async function kept() {
  const all = await items(app.url, {}, 100_000);
  return all.map(({ messageId }) => messageId).filter((id) => !earlier.has(id));
}

before(async () => {
  app = await startApp(await freePort());
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await app?.stop();
});
beforeEach(async () => {
  earlier = new Set((await items(app.url, {}, 100_000)).map(({ messageId }) => messageId));
  ({ page, context, complaints } = await openPage(browser, app.url));
  await ledgerWith(page, { accepted: 1, delivered: 1 });
});
afterEach(async () => {
  await context.close();
});

/** All that the page accepted is delivered, and the server has each of them once. */
async function nothingIsLost(accepted, timeout = 30_000) {
  await ledgerWith(page, { accepted, delivered: accepted, pending: 0 }, timeout);
  const ids = await kept();
  assert.equal(ids.length, accepted, "the server keeps as many as were accepted");
  assert.equal(new Set(ids).size, accepted, "the server keeps none twice");
  await eventually(
    "the page's own count of what the server keeps",
    async () => {
      return (await numberAt(page, "kept")) === accepted;
    },
    timeout,
  );
  assert.equal(await numberAt(page, "kept-of"), accepted);
  assert.equal(await numberAt(page, "kept-twice"), 0);
  assert.deepEqual(complaints, []);
}

test("a feed that opens late shows the first event, which is sent when what was before is known", async () => {
  const late = await context.newPage();
  const isLookUp = (request) => request.method() === "POST" && request.url() === app.url;
  await late.route(/\/(subscribe.*)?$/, async (route) => {
    const isLate = isLookUp(route.request()) || route.request().url().includes("/subscribe");
    if (isLate) await new Promise((resolve) => setTimeout(resolve, 1800));
    await route.continue();
  });
  const seen = [];
  late.on("response", (response) => {
    if (isLookUp(response.request())) seen.push("looked up");
  });
  late.on("request", (request) => {
    if (request.url().endsWith("/v1/batch")) seen.push("sent");
  });
  await late.goto(app.url);
  await late.getByTestId("feed-row").first().waitFor();
  assert.deepEqual(seen, ["looked up", "sent"]);
  assert.equal(await numberAt(late, "kept-twice"), 0);
});

test("1, 100 and 1,000 events are sent by three buttons", async () => {
  for (const count of [1, 100, 1000]) await $(`send-${count}`).click();
  await nothingIsLost(1 + 1101);
});

test("without a network events wait, visibly, and with it they are delivered", async () => {
  await $("network").click();
  assert.equal(await $("network").getAttribute("aria-checked"), "false");
  assert.equal(await page.getByTestId("network").getAttribute("role"), "switch");
  await $("send-100").click();
  await $("send-1").click();
  await ledgerWith(page, { accepted: 102, pending: 101 });
  await eventually("101 grains in the stored chamber", async () => {
    return (await numberAt(page, "lane-stored")) === 101;
  });
  await eventually("101 events in IndexedDB", async () => (await shelvesOf(page)).this === 101);
  await story(/The network is off\. 101 events wait, stored in this browser\./);
  assert.equal((await kept()).length, 1, "the server has the page view alone");
  await $("network").click();
  await nothingIsLost(102);
  await eventually("an empty storage", async () => (await shelvesOf(page)).this === 0);
});

test("the time to the next attempt is shown, and each attempt", async () => {
  const bars = (fate) => page.locator(`#attempts-picture [data-attempt="${fate}"]`).count();
  await eventually("a bar for the first", async () => (await bars("taken")) === 1);
  assert.equal(await bars("failed"), 0);
  await $("network").click();
  await $("send-1").click();
  await story(/Next attempt in \d+\.\d s\.$/);
  await eventually("four failed attempts", async () => (await bars("failed")) >= 4, OUTAGE_MS);
  const words = await $("attempts-picture").getAttribute("aria-label");
  assert.match(words, /^\d+ attempts, the last \d+ in a row failed, the last after \d+\.\d s$/);
  assert.match(await page.locator("#attempts").textContent(), /^\d+ attempts, \d+ failed$/);
  await $("network").click();
  await nothingIsLost(2);
  await eventually("a bar for the last", async () => (await bars("taken")) === 2);
});

test("the browser's own offline is told", async () => {
  assert.ok(await page.locator("#browser-offline").isHidden());
  await context.setOffline(true);
  await page.locator("#browser-offline").waitFor();
  await $("send-100").click();
  await ledgerWith(page, { accepted: 101, pending: 100 });
  await context.setOffline(false);
  await page.locator("#browser-offline").waitFor({ state: "hidden" });
  await nothingIsLost(101);
});

test("a stopped server takes no connections, and has everything when it is back", async () => {
  // Time to look at everything while it is away, on a machine that is busy.
  await page.route("**/demo/stopped*", (route) =>
    route.continue({ url: `${app.url}demo/stopped?seconds=${STOPPED}` }),
  );
  await press("stopped");
  await eventually("a closed port", () =>
    fetch(app.url).then(
      () => false,
      () => true,
    ),
  );
  await page.getByText("live feed: interrupted").waitFor();
  await $("send-100").click();
  await story(/The server is stopped\. 100 events wait, stored in this browser\./);
  await ledgerWith(page, { accepted: 101, delivered: 1, pending: 100 });
  await nothingIsLost(101, OUTAGE_MS);
  // However often each was.
  await eventually("100 were sent again", async () => (await numberAt(page, "sent-again")) === 100);
  await eventually("it is well again", async () => !(await isPressed("stopped")));
  await page.getByText("live feed: open").waitFor();
  await eventually("the server says both", () =>
    /the page has stopped the server[\s\S]*the server runs again/.test(app.output()),
  );
});

test("a slow server has its events in flight for a while", async () => {
  await press("slow");
  // Held until they were seen, so that it does not matter who is how fast.
  let goOn;
  const seen = new Promise((resolve) => (goOn = resolve));
  let since;
  await page.route("**/v1/batch", async (route) => {
    await seen;
    since ??= performance.now();
    await route.continue();
  });
  const answered = page.waitForResponse("**/v1/batch");
  await $("send-100").click();
  await eventually("events in flight", async () => (await numberAt(page, "lane-flying")) === 100);
  goOn();
  await answered;
  assert.ok(performance.now() - since > SLOW_MS, "the server is slow");
  await nothingIsLost(101);
  await press("slow");
});

test("a server that refuses with Retry-After is asked again when it said", async () => {
  await press("limited");
  assert.ok(await isPressed("limited"));
  await page.evaluate(noteStories);
  const refused = page.waitForResponse((response) => response.status() === 429);
  await $("send-100").click();
  assert.equal((await refused).headers()["retry-after"], "4");
  const wanted = /429, Retry-After\)\. 100 events wait.* Next attempt in [34]\.\d s\./;
  await eventually(`a story like ${wanted}`, async () =>
    (await page.evaluate(() => window.stories)).some((text) => wanted.test(text)),
  );
  await press("limited");
  assert.ok(!(await isPressed("limited")));
  await nothingIsLost(101);
});

test("what the server was asked for is shown after a reload, too", async () => {
  await press("slow");
  const answered = page.waitForResponse((response) => response.url().endsWith("/demo/now"));
  await page.reload();
  await answered;
  await eventually("slow is pressed", () => isPressed("slow"));
  await press("slow");
  assert.ok(!(await isPressed("slow")));
  const { fault, seconds } = await (await fetch(`${app.url}demo/now`)).json();
  assert.equal(fault, "well");
  assert.ok(seconds <= 30);
});

test("nobody but the page may make trouble", async () => {
  const ask = (headers, method = "POST") =>
    fetch(`${app.url}demo/stopped?seconds=1`, { method, headers });
  assert.equal((await ask({})).status, 403);
  assert.equal((await ask({ "sec-fetch-site": "cross-site" })).status, 403);
  const status = (path) =>
    page.evaluate((to) => fetch(to, { method: "POST" }).then((answer) => answer.status), path);
  assert.equal(await status("/demo/slow?seconds=0"), 400);
  assert.equal(await status("/demo/slow?seconds=61"), 400);
  assert.equal(await status("/demo/slow?seconds=x"), 400);
  assert.equal(await status("/demo/well"), 200);
});

test("what a closed tab leaves is adopted by this one", async () => {
  const opened = context.waitForEvent("page");
  await $("tab-open").click();
  const second = await opened;
  await second.getByTestId("tab-more").click();
  await eventually("13 events waiting there", async () => {
    return (await second.getByTestId("tab-pending").textContent()) === "13";
  });
  await eventually("13 events of another tab in the storage", async () => {
    return (await shelvesOf(page)).other === 13;
  });
  assert.equal((await ledgerOf(page)).accepted, 1, "they are none of this tab's");
  await $("tab-close").click();
  await nothingIsLost(14, OUTAGE_MS);
  await eventually("it says so", async () => {
    return (await $("tab-said").textContent()) === "This tab has adopted 13 events.";
  });
  const {
    this: own,
    other,
    none,
  } = await eventually("an empty storage", async () => {
    const shelves = await shelvesOf(page);
    return shelves.this + shelves.other + shelves.none === 0 && shelves;
  });
  assert.deepEqual([own, other, none], [0, 0, 0]);
});

test("what a reload interrupts is delivered by the next page", async () => {
  await $("network").click();
  await $("send-100").click();
  await eventually("100 events in the storage", async () => (await shelvesOf(page)).this === 100);
  await page.reload();
  // The page before had one event delivered; this one adopts 100, and has a page view of its own.
  await ledgerWith(page, { accepted: 101, delivered: 101, pending: 0 }, OUTAGE_MS);
  const ids = await kept();
  assert.deepEqual([ids.length, new Set(ids).size], [102, 102]);
  await eventually("101 of them kept", async () => (await numberAt(page, "kept")) === 101);
  await story(/101 events accepted, 100 of them adopted, none lost\./);
});

test("pictures say in words what the ledger says", async () => {
  await $("send-100").click();
  await nothingIsLost(101);
  await $("network").click();
  await $("send-1").click();
  const counts = await ledgerWith(page, { accepted: 102, pending: 1 });
  const label = (hook) => $(hook).getAttribute("aria-label");
  await eventually("the words of the sluice", async () => {
    const text = await label("sluice");
    return (
      text.startsWith(`The sluice: ${counts.accepted} accepted: ${counts.delivered} delivered`) &&
      text.includes(`${counts.pending} pending (0 in memory alone, 1 stored, 0 in flight)`) &&
      text.includes("0 given up")
    );
  });
  await eventually("the words of the balance", async () => {
    return (
      (await label("balance-picture")) ===
      "Balance: 102 accepted = 101 delivered + 0 rejected + 0 expired + 0 dropped + 1 pending"
    );
  });
  assert.equal(await page.locator("#balance").textContent(), "balances");
});

test("what the server rejects is shown with the server's own words, and balances", async () => {
  await page.route("**/v1/batch", (route) => route.fulfill({ status: 400, body: "no gold in it" }));
  await $("send-1").click();
  await ledgerWith(page, { accepted: 2, delivered: 1, rejected: 1, pending: 0 });
  assert.equal(await numberAt(page, "lane-lost"), 1);
  await $("told").filter({ hasText: "1 given up (rejected): " }).waitFor();
  assert.match(await $("told").textContent(), /no gold in it/);
  assert.equal(await page.locator("#balance").textContent(), "balances");
  await story(/2 events accepted, 1 event given up and told why\./);
});

test("an event that is typed is sent, and its code can be copied", async () => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByLabel("event", { exact: true }).fill("Song Bought");
  await page.getByLabel("properties").fill('{"coins": 2, "album": {"name": "Tailings"}}');
  await $("own-copy").click();
  await page.getByText("Copied.").waitFor();
  const code = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(
    code,
    `import { Analytics } from "sluicebox";
const analytics = new Analytics({ writeKey: "demo", dataPlaneUrl: "${new URL(app.url).origin}" });
analytics.track("Song Bought", { coins: 2, album: { name: "Tailings" } });`,
  );
  await $("own-send").click();
  await nothingIsLost(2);
  const [event] = await items(app.url, { event: "Song Bought" });
  assert.deepEqual(event.properties.album, { name: "Tailings" });
});

test("what is no event is refused with a reason, at its field", async () => {
  const fields = {
    name: page.getByLabel("event", { exact: true }),
    props: page.getByLabel("properties"),
  };
  await fields.props.fill("{ grams }");
  await $("own-send").click();
  await page.getByRole("alert").filter({ hasText: "must be a JSON object" }).waitFor();
  assert.equal(await fields.props.getAttribute("aria-invalid"), "true");
  await fields.props.fill("{}");
  await fields.name.fill("");
  await $("own-send").click();
  await page.getByRole("alert").filter({ hasText: "event" }).waitFor();
  assert.equal(await fields.name.getAttribute("aria-invalid"), "true");
  assert.equal(await fields.props.getAttribute("aria-invalid"), null);
  await nothingIsLost(1);
});
