// Analytics in Chromium: which pages count, and what may be sent and stored.

import assert from "node:assert/strict";
import { test } from "node:test";
import { address, arrived, cookies, encoded, events, open, visit } from "./visitors.mjs";

for (const way of ["navigation", "history"]) {
  test(`trackPages counts each navigation once, by the ${way} API`, async () => {
    const page = await visit(
      "/",
      { trackPages: true },
      way === "history" ? () => delete window.navigation : undefined,
    );
    // By the page's own clock: what it does a moment later is done by then, however late both are.
    const moment = () => new Promise((done) => setTimeout(() => setTimeout(done, 30)));
    const seen = (act) => page.evaluate(act).then(() => page.evaluate(moment));
    await seen(() => history.pushState({}, "", "/a"));
    await seen(() => history.pushState({}, "", "/a"));
    await seen(() => history.replaceState({ scroll: 1 }, "", "/a"));
    await seen(() => (location.hash = "part"));
    await seen(() => (location.hash = "/route"));
    await seen(() => {
      // As React's StrictMode does: a second client for the same page.
      make({ trackPages: true });
      history.pushState({}, "", "/b");
      document.title = "B";
    });
    await seen(() => history.back());
    const views = await arrived(page, 5);
    assert.deepEqual(
      views.map(({ type, context: { page } }) => [type, page.path, new URL(page.tab_url).hash]),
      [
        ["page", "/", ""],
        ["page", "/a", ""],
        ["page", "/a", "#/route"],
        ["page", "/b", ""],
        ["page", "/a", "#/route"],
      ],
    );
    assert.equal(views[3].properties.title, "B");
    await page.evaluate(() => client.close());
  });
}

test("a page that comes back from the back/forward cache counts once more", async () => {
  const page = await visit("/", { trackPages: true });
  await arrived(page, 1);
  await page.evaluate(() => {
    make({ trackPages: true });
    addEventListener("pageshow", ({ persisted }) => (window.cameBack = persisted));
  });
  await page.goto(address("www", "/elsewhere"));
  await page.waitForFunction("window.ready");
  assert.equal((await arrived(page, 1))[0].properties.path, "/elsewhere");
  await page.goBack({ waitUntil: "commit" });
  await page.waitForFunction("window.ready");
  assert.equal(await page.evaluate("window.cameBack"), true, "it was loaded anew");
  assert.equal((await arrived(page, 1))[0].properties.path, "/");
  await page.evaluate(() => history.pushState({}, "", "/on"));
  await page.waitForTimeout(30);
  assert.equal((await arrived(page, 1))[0].properties.path, "/on");
});

test("a page that is made ahead of time counts when it is activated", async () => {
  const page = await visit("/", { trackPages: true }, () => {
    window.isAhead = true;
    Object.defineProperty(document, "prerendering", { get: () => window.isAhead });
  });
  await page.evaluate(() => client.flush());
  assert.equal(await page.evaluate(() => client.ledger().accepted), 0);
  await page.evaluate(() => {
    window.isAhead = false;
    document.dispatchEvent(new Event("prerenderingchange"));
  });
  assert.equal((await arrived(page, 1))[0].type, "page");
});

test("until consent events wait and nothing is stored; then both happen", async () => {
  const page = await visit("/", { consent: "wait" });
  await page.evaluate(() => client.track("early"));
  await page.waitForTimeout(80);
  assert.equal(events.length, 0);
  assert.deepEqual(await cookies(), {});
  assert.equal(await page.evaluate(() => client.ledger().pending), 1);
  await page.evaluate(() => client.setConsent("granted"));
  const [early] = await arrived(page, 1);
  assert.equal((await cookies()).rl_anonymous_id, encoded(early.anonymousId));
});

test("refused consent drops what waits, takes nothing more and leaves nothing behind", async () => {
  const page = await visit();
  await page.evaluate(() => client.track("A"));
  await arrived(page, 1);
  const ledger = await page.evaluate(async () => {
    client.setConsent("wait");
    client.track("B");
    client.setConsent("refuse");
    client.track("C");
    return client.flush();
  });
  assert.deepEqual(
    [ledger.accepted, ledger.delivered, ledger.dropped, ledger.pending],
    [2, 1, 1, 0],
  );
  assert.deepEqual(await cookies(), {});
  assert.equal(events.length, 0);
});

test("Global Privacy Control is obeyed until the visitor says otherwise", async () => {
  const gpc = () =>
    Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { value: true });
  const page = await visit("/", {}, gpc);
  await page.evaluate(() => client.track("A"));
  assert.equal(await page.evaluate(() => client.ledger().accepted), 0);
  assert.deepEqual(await cookies(), {});
  await page.evaluate(() => (client.setConsent("granted"), client.track("B")));
  assert.equal((await arrived(page, 1))[0].event, "B");
  await page.close();
  const deaf = await open("/", { respectGpc: false }, gpc);
  await deaf.evaluate(() => client.track("C"));
  assert.equal((await arrived(deaf, 1))[0].event, "C");
});

test('storage: "none" writes nothing', async () => {
  const page = await visit("/", { storage: "none" });
  await page.evaluate(() => (client.identify("u1", { a: 1 }), client.page()));
  const [, seen] = await arrived(page, 2);
  assert.equal(seen.userId, "u1");
  assert.deepEqual(await cookies(), {});
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
});
