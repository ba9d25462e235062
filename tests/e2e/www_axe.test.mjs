// The demo page for everybody: axe-core finds nothing, on a phone and a desk, in both schemes; fingers,
// the keyboard and screen readers get everywhere.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { eventually, freePort, startApp } from "./app.mjs";
import { launchBrowser } from "./launch.mjs";
import { ledgerWith, openPage } from "./www_page.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } };
/** CSS pixels of whatever is to be touched. */
const TOUCH = 44;

/** Numbers of one digit, and what is scrolled out of its box: others at the same place are judged. */
const UNJUDGED = new Set(["shortTextContent", "elmPartiallyObscured"]);

let app, browser;

before(async () => {
  app = await startApp(await freePort());
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await app?.stop();
});

/**
 * What axe finds on the page as it is now, in a line each. It cannot judge text over a gradient, so that is
 * laid flat, in the colour of either end.
 */
async function findings(page) {
  // Judged in the middle of an animation, a colour is none that stays.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((one) => one.effect.getComputedTiming().endTime < Infinity)
        .map(({ finished }) => finished),
    ),
  );
  await page.evaluate(AXE);
  const found = [];
  for (const end of ["--deep-top", "--deep-bottom"]) {
    const style = await page.addStyleTag({
      content: `.deep { background: var(${end}) !important }`,
    });
    const { violations, incomplete } = await page.evaluate(() => axe.run(document));
    await style.evaluate((element) => element.remove());
    for (const { id, nodes } of [...violations, ...incomplete.filter(isAboutContrast)]) {
      for (const { html, any, failureSummary } of nodes) {
        if (!UNJUDGED.has(any[0]?.data?.messageKey)) found.push(`${id}: ${html} ${failureSummary}`);
      }
    }
  }
  return found;
}

const isAboutContrast = ({ id }) => id === "color-contrast";

/** Puts the page into a state in which everything it can show is shown. */
async function fill(page) {
  await page.getByTestId("send-100").click();
  await page.getByTestId("query-run").click();
  await page.locator("#and").click();
  await page.getByRole("button", { name: "what you clicked" }).click();
  await page.getByTestId("query-row").first().waitFor();
  await page.getByTestId("network").click();
  await page.getByTestId("send-1").click();
  await page.getByLabel("properties").fill("{");
  await page.getByTestId("own-send").click();
  await page.locator("#own-fault").waitFor();
}

for (const [device, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing on a ${device} in ${colorScheme}`, async () => {
      const { page, context } = await openPage(browser, app.url, { viewport, colorScheme });
      assert.deepEqual(await findings(page), [], "as it is at first");
      await fill(page);
      assert.deepEqual(await findings(page), [], "with everything that it can show");
      await page.goto(`${app.url}tab.html`);
      await page.getByTestId("tab-more").waitFor();
      assert.deepEqual(await findings(page), [], "the second tab");
      await context.close();
    });
  }
}

test("on a phone everything fits, and whatever is touched is large enough", async () => {
  const { page, context } = await openPage(browser, app.url, { viewport: SIZES.phone });
  await fill(page);
  const { content, screen } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    screen: document.documentElement.clientWidth,
  }));
  assert.ok(content <= screen, `the page is ${content} wide on a screen of ${screen}`);
  const small = await page.evaluate((least) => {
    const all = document.querySelectorAll("a, button, input, select, label:has(input)");
    return [...all]
      .filter((element) => element.checkVisibility() && !element.matches(".skip, p a, label input"))
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width < least || box.height < least)
      .map(({ element, box }) => `${element.outerHTML} is ${box.width} × ${box.height}`);
  }, TOUCH);
  assert.deepEqual(small, []);
  await page.setViewportSize(SCREENS["small phone"]);
  await page.getByTestId("query-value").fill("quinn-rs/quinn");
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll("input")]
      .filter((input) => input.checkVisibility() && input.scrollWidth > input.clientWidth)
      .map(({ id, value }) => `${id}: ${value}`),
  );
  assert.deepEqual(cut, []);
  await context.close();
});

const SCREENS = { ...SIZES, "small phone": { width: 360, height: 640 } };
for (const [device, viewport] of Object.entries(SCREENS)) {
  test(`the first screen of a ${device} has the claim, the sluice and its controls`, async () => {
    const { page, context } = await openPage(browser, app.url, { viewport });
    const below = await page.evaluate(() =>
      ["h1", "#sluice-picture", ".lanes", "[data-send]", "[role=switch]", "#story"].filter(
        (one) => document.querySelector(one).getBoundingClientRect().bottom > innerHeight,
      ),
    );
    assert.deepEqual(below, []);
    await context.close();
  });
}

test("the keyboard alone sends events, and switches the network off and on", async () => {
  const { page, context } = await openPage(browser, app.url);
  await ledgerWith(page, { delivered: 1 });
  const reach = async (hook) => {
    for (let left = 12; left > 0; left -= 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => document.activeElement.dataset.testid);
      if (at === hook) return;
    }
    assert.fail(`${hook} is not reached by the keyboard`);
  };
  await reach("send-1");
  await page.keyboard.press("Enter");
  await ledgerWith(page, { delivered: 2 });
  await reach("network");
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Space");
  await ledgerWith(page, { accepted: 1002, pending: 1000 });
  await reach("network");
  await page.keyboard.press("Enter");
  await ledgerWith(page, { delivered: 1002 });
  await reach("server-slow");
  const isPressed = () => page.getByTestId("server-slow").getAttribute("aria-pressed");
  // The server must hear of both: it is that of the next test, too.
  for (const isSlow of ["true", "false"]) {
    const answered = page.waitForResponse(/\/demo\/(slow|well)/);
    await page.keyboard.press("Enter");
    assert.equal(await isPressed(), isSlow);
    await answered;
  }
  await reach("tab-open");
  await context.close();
});

test("what is told by ear is one sentence for a burst, not one for each event", async () => {
  const { page, context } = await openPage(browser, app.url);
  await ledgerWith(page, { delivered: 1 });
  await page.getByTestId("network").click();
  await page.evaluate(() => {
    window.told = [];
    const note = () => told.push(document.getElementById("story-said").textContent);
    new MutationObserver(note).observe(document.getElementById("story-said"), { childList: true });
  });
  // In one task, or it is no burst where each click takes its time.
  await page.getByTestId("send-1").evaluate((button) => {
    for (let left = 30; left > 0; left -= 1) button.click();
  });
  await eventually("the sentence about 30 events", () =>
    page.evaluate(() => told.some((text) => /30 events wait/.test(text))),
  );
  const told = await page.evaluate(() => window.told);
  assert.ok(told.length <= 3, told.join("\n"));
  assert.ok(!told.some((text) => /attempt/.test(text)), "no countdown is read out");
  await context.close();
});

test("whoever wants less motion sees grains that stand still", async () => {
  const { page, context } = await openPage(browser, app.url, { reducedMotion: "reduce" });
  await page.getByTestId("network").click();
  await page.getByTestId("send-100").click();
  await eventually("100 stored", async () => {
    return (await page.getByTestId("lane-stored").textContent()) === "100";
  });
  const isStill = await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const canvas = document.getElementById("sluice-picture");
    // Left of the gate, which tells the time to the next attempt.
    const pen = canvas.getContext("2d");
    const look = () => pen.getImageData(0, 0, canvas.width * 0.4, canvas.height).data.join();
    await frame();
    await frame();
    const first = look();
    await frame();
    await frame();
    return first === look();
  });
  assert.ok(isStill);
  await context.close();
});
