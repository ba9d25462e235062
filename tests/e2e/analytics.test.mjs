// Analytics in Chromium: who visits, and where.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  address,
  arrived,
  context,
  cookies,
  decoded,
  encoded,
  events,
  open,
  returningVisitor,
  secureAddress,
  visit,
} from "./visitors.mjs";

test("an event says where it happened, and the first that a session began", async () => {
  const since = Date.now();
  const page = await visit("/shop?utm_source=news&utm_campaign=sum&x=1#top");
  await page.evaluate(() => (client.track("A", { k: 1 }), client.track("B")));
  const [a, b] = await arrived(page, 2);
  assert.equal(a.channel, "web");
  assert.deepEqual(a.properties, { k: 1 });
  assert.deepEqual(a.context.library, { name: "sluicebox", version: "0.1.0" });
  assert.deepEqual(a.context.campaign, { source: "news", name: "sum" });
  const url = address("www", "/shop?utm_source=news&utm_campaign=sum&x=1");
  assert.deepEqual(a.context.page, {
    path: "/shop",
    referrer: "$direct",
    referring_domain: "",
    search: "?utm_source=news&utm_campaign=sum&x=1",
    title: "Home",
    url,
    tab_url: `${url}#top`,
    initial_referrer: "$direct",
    initial_referring_domain: "",
  });
  assert.equal(a.context.locale, "de-DE");
  assert.match(a.context.userAgent, /Chrome/);
  assert.match(a.context.timezone, /^GMT[+-]\d{4}$/);
  assert.ok(
    a.context.screen.width > 0 && a.context.screen.innerWidth > 0 && a.context.screen.density > 0,
  );
  // The clock of a page is coarser.
  const { sessionId } = a.context;
  assert.ok(sessionId > since - 100 && sessionId < Date.now() + 100, `${sessionId}`);
  assert.deepEqual([a.context.sessionStart, b.context.sessionStart], [true, undefined]);
  assert.equal(b.context.sessionId, a.context.sessionId);
  assert.equal(b.anonymousId, a.anonymousId);
});

test("client hints come where the page is secure", async () => {
  const page = await visit();
  await page.goto(secureAddress());
  await page.waitForFunction("window.ready");
  await page.evaluate(() => client.track("A"));
  assert.equal((await arrived(page, 1))[0].context["ua-ch"].mobile, false);
});

test("context that is given goes over the automatic, and the library's name is its own", async () => {
  const page = await visit("/", {});
  await page.evaluate(() =>
    client.track("A", {}, { context: { page: { title: "Mine" }, ip: "1.1.1.1", library: 1 } }),
  );
  const [{ context: given }] = await arrived(page, 1);
  assert.deepEqual([given.page.title, given.page.path, given.ip], ["Mine", "/", "1.1.1.1"]);
  assert.equal(given.library.name, "sluicebox");
});

test("automaticContext: false sends neither page nor browser", async () => {
  const page = await visit("/", { automaticContext: false, session: false });
  await page.evaluate(() => client.page());
  const [event] = await arrived(page, 1);
  assert.deepEqual(event.context, { library: { name: "sluicebox", version: "0.1.0" } });
  assert.deepEqual(event.properties, {});
});

test("page takes category and name, and its properties describe the page", async () => {
  const page = await visit("/?utm_source=news");
  await page.evaluate(() => {
    client.page("cat", "nm", { k: 1 });
    client.page("only", { title: "Other" });
    client.screen("Player");
  });
  const [both, only, screen] = await arrived(page, 3);
  assert.deepEqual([both.category, both.name], ["cat", "nm"]);
  assert.deepEqual(
    [both.properties.category, both.properties.name, both.properties.k],
    ["cat", "nm", 1],
  );
  assert.deepEqual([both.properties.path, both.properties.initial_referrer], ["/", "$direct"]);
  assert.deepEqual([only.name, only.category], ["only", undefined]);
  assert.deepEqual([only.properties.title, only.context.page.title], ["Other", "Other"]);
  assert.deepEqual([screen.type, screen.properties], ["screen", { name: "Player" }]);
  assert.equal(screen.context.page.path, "/");
});

test("identify merges traits of one user, and another user begins anew", async () => {
  const page = await visit();
  await page.evaluate(() => {
    client.identify("u1", { email: "a@b.c", address: { city: "Köln" } });
    client.identify("u1", { age: 7, address: { zip: "1" } });
    client.identify({ plan: "pro" });
    client.group("g1", { size: 3 });
    client.track("T");
    client.identify("u2");
    client.alias("u3");
    client.group("g2");
    client.group({ size: 4 });
  });
  const [, second, third, group, track, other, alias, group2, grown] = await arrived(page, 9);
  const traits = { email: "a@b.c", address: { city: "Köln", zip: "1" }, age: 7 };
  assert.deepEqual([second.userId, second.context.traits], ["u1", traits]);
  assert.deepEqual([third.userId, third.context.traits], ["u1", { ...traits, plan: "pro" }]);
  assert.deepEqual([group.groupId, group.traits, group.userId], ["g1", { size: 3 }, "u1"]);
  assert.deepEqual([track.userId, track.context.traits.plan], ["u1", "pro"]);
  assert.deepEqual([other.userId, other.context.traits], ["u2", undefined]);
  assert.equal(other.anonymousId, second.anonymousId);
  assert.deepEqual([alias.userId, alias.previousId], ["u3", "u2"]);
  assert.deepEqual(group2.traits, undefined);
  assert.deepEqual([grown.groupId, grown.traits], ["g2", { size: 4 }]);
});

test("reset forgets the user and the session, and the anonymous id only when asked", async () => {
  const page = await visit();
  const ids = await page.evaluate(async () => {
    client.identify("u1", { a: 1 });
    const first = client.anonymousId;
    await new Promise((done) => setTimeout(done, 5));
    client.reset();
    const kept = [client.userId, client.anonymousId === first];
    client.track("A");
    client.reset({ anonymousId: true });
    return [...kept, client.anonymousId === first];
  });
  assert.deepEqual(ids, [null, true, false]);
  const [identify, track] = await arrived(page, 2);
  assert.deepEqual(
    [track.userId, track.context.traits, track.context.sessionStart],
    [undefined, undefined, true],
  );
  assert.notEqual(track.context.sessionId, identify.context.sessionId);
});

test("what is stored has the names and the form of the official SDK, for all hosts of the site", async () => {
  const page = await visit();
  await page.evaluate(() => {
    client.identify("u1", { name: "Zoë" });
    client.group("g1", { size: 3 });
  });
  const [{ anonymousId, context: sent }] = await arrived(page, 2);
  const stored = await cookies();
  assert.equal(stored.rl_anonymous_id, encoded(anonymousId));
  assert.equal(stored.rl_user_id, encoded("u1"));
  assert.equal(stored.rl_trait, encoded({ name: "Zoë" }));
  assert.equal(stored.rl_group_id, encoded("g1"));
  assert.equal(stored.rl_group_trait, encoded({ size: 3 }));
  assert.equal(stored.rl_page_init_referrer, encoded("$direct"));
  const session = decoded(stored.rl_session);
  assert.equal(session.id, sent.sessionId);
  assert.deepEqual(
    [session.autoTrack, session.timeout, session.sessionStart],
    [true, 1_800_000, false],
  );
  const [{ domain, sameSite, secure, path }] = await context.cookies();
  assert.deepEqual([domain, sameSite, secure, path], [".example.com", "Lax", false, "/"]);
  const shop = await open("/", {}, undefined, "shop");
  assert.equal(await shop.evaluate(() => client.anonymousId), anonymousId);
  assert.equal(await shop.evaluate(() => client.userId), "u1");
});

test("a visitor whom the official SDK knew stays the same", async () => {
  const known = { rl_anonymous_id: "abc", rl_user_id: "u9", rl_trait: { age: 1 } };
  const page = await returningVisitor(known);
  await page.evaluate(() => client.track("T"));
  const [event] = await arrived(page, 1);
  assert.deepEqual(
    [event.anonymousId, event.userId, event.context.traits],
    ["abc", "u9", { age: 1 }],
  );
});

test("a cookie that cannot be read costs only itself", async () => {
  const page = await returningVisitor({});
  const known = {
    rl_trait: "%E0%A4%A",
    rl_user_id: "RS_ENC_v3_!",
    rl_anonymous_id: encoded("abc"),
  };
  for (const [name, value] of Object.entries(known)) {
    await context.addCookies([{ name, value, domain: ".example.com", path: "/" }]);
  }
  await page.evaluate(() => localStorage.setItem("rl_group_id", "no JSON"));
  const next = await open("/");
  await next.evaluate(() => client.track("T"));
  const [event] = await arrived(next, 1);
  assert.deepEqual([event.anonymousId, event.userId], ["abc", undefined]);
});

test("traits too large for a cookie are kept in local storage", async () => {
  const page = await visit();
  await page.evaluate(() => client.identify("u1", { bio: "x".repeat(6000) }));
  await arrived(page, 1);
  assert.equal((await cookies()).rl_trait, undefined);
  const next = await open("/");
  await next.evaluate(() => client.track("T"));
  assert.equal((await arrived(next, 1))[0].context.traits.bio.length, 6000);
});

test("tabs are one session, and what one learns the others know within a second", async () => {
  const one = await visit();
  const two = await open("/two");
  await one.evaluate(() => client.track("one"));
  await two.evaluate(() => client.track("two"));
  await one.evaluate(() => client.flush());
  const [first, second] = await arrived(two, 2);
  assert.equal(second.context.sessionId, first.context.sessionId);
  const earlier = await one.evaluate(() => document.cookie);
  await two.evaluate(() => client.identify("u5"));
  await one.waitForFunction((earlier) => document.cookie !== earlier, earlier);
  const known = await one.evaluate(async () => {
    const end = Date.now() + 1000;
    while (Date.now() < end) await new Promise((done) => setTimeout(done, end - Date.now()));
    return client.userId;
  });
  assert.equal(known, "u5");
});

test("a session ends after its timeout without an event", async () => {
  const page = await visit("/", { session: { timeout: 50 } });
  await page.evaluate(async () => {
    client.track("A");
    await new Promise((done) => setTimeout(done, 120));
    client.track("B");
  });
  const [a, b] = await arrived(page, 2);
  assert.notEqual(a.context.sessionId, b.context.sessionId);
  assert.equal(b.context.sessionStart, true);
});
