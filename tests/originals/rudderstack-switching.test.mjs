// A site that switches between RudderStack's browser SDK 3.34.1 and ours, in either direction: its
// visitors stay who they are.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { arrived, call, eventsOf, heard, kept, launch, open, site, visitor } from "./browser.mjs";
import { recorder } from "./recorder.mjs";

const KNOWN = [
  ["identify", "u1", { email: "a@example.com", plan: { name: "pro é 😀" } }],
  ["group", "g1", { name: "Initech" }],
  ["track", "Before"],
];

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Calls `first` in one visit, then `then` with the other client: the events of both visits. */
async function switching(from, to, first, then, hosts = ["127.0.0.1", "127.0.0.1"]) {
  // The page says in its address which client it has.
  const server = await recorder((request) => {
    const client = request.path.startsWith("/ours") ? "ours" : "original";
    return site(client)(request);
  });
  const context = await visitor(browser);
  try {
    const visits = [
      [from, first, hosts[0]],
      [to, then, hosts[1]],
    ];
    const cookies = [];
    let count = 0;
    for (const [client, calls, host] of visits) {
      const url = server.url.replace("127.0.0.1", host);
      const page = await open(context, `${url}/${client}`, `https://${client}.example/`);
      await call(page, calls);
      count += calls.filter(([name]) => name !== "reset").length;
      await arrived(server, count, 1);
      await heard(page);
      await page.close();
      cookies.push(await kept(context));
    }
    const events = eventsOf(server.requests);
    return { before: events.slice(0, first.length), after: events.slice(first.length), cookies };
  } finally {
    await context.close();
    await server.close();
  }
}

for (const [from, to] of [
  ["original", "ours"],
  ["ours", "original"],
]) {
  describe(`from ${from} to ${to}`, { concurrency: 3 }, () => {
    test("a visitor who is known keeps ids, traits, group and session", async () => {
      const second = [
        ["track", "After"],
        ["group", "g1", { size: 5 }],
        ["identify", "u1", { age: 7 }],
      ];
      const { before, after, cookies } = await switching(from, to, KNOWN, second);
      const [track, group, identify] = after;
      const last = before.at(-1);
      for (const event of after) {
        assert.equal(event.userId, "u1");
        assert.equal(event.anonymousId, last.anonymousId);
        assert.equal(event.context.sessionId, last.context.sessionId);
        assert.equal(event.context.sessionStart, undefined);
      }
      assert.deepEqual(track.context.traits, KNOWN[0][2]);
      assert.deepEqual(group.traits, { name: "Initech", size: 5 });
      assert.deepEqual(identify.context.traits, { ...KNOWN[0][2], age: 7 });
      const referrer = `https://${from}.example/`;
      assert.equal(track.context.page.initial_referrer, referrer);
      assert.equal(track.context.page.initial_referring_domain, `${from}.example`);
      assert.equal(track.context.page.referrer, `https://${to}.example/`);
      for (const name of Object.keys(cookies[0])) {
        const [one, two] = cookies.map((all) => ({ ...all[name], value: undefined }));
        assert.deepEqual(one, two, `${name} stays one cookie, as it was`);
      }
      assert.deepEqual(Object.keys(cookies[1]).sort(), Object.keys(cookies[0]).sort());
    });

    test("a visitor who is not known keeps the anonymous id", async () => {
      const { before, after } = await switching(from, to, [["track", "E"]], [["track", "E"]]);
      assert.equal(after[0].anonymousId, before[0].anonymousId);
      assert.ok(!after[0].userId);
    });

    test("who was forgotten stays forgotten", async () => {
      const first = [...KNOWN, ["reset"], ["track", "E"]];
      const { before, after } = await switching(from, to, first, [["track", "E"]]);
      const events = [...before, ...after];
      const [known, forgotten, later] = events.slice(-3);
      assert.equal(known.userId, "u1");
      for (const event of [forgotten, later]) {
        assert.ok(!event.userId);
        assert.deepEqual(event.context.traits ?? {}, {});
        assert.equal(event.anonymousId, known.anonymousId);
      }
      assert.equal(later.context.sessionId, forgotten.context.sessionId);
      assert.notEqual(known.context.sessionId, forgotten.context.sessionId);
    });

    test("another user begins anew", async () => {
      const { before, after } = await switching(from, to, KNOWN, [["identify", "u2", { b: 1 }]]);
      assert.deepEqual(after[0].context.traits, { b: 1 });
      assert.equal(after[0].userId, "u2");
      assert.equal(after[0].anonymousId, before[0].anonymousId);
    });

    test("a visitor is the same on all hosts of a site", async () => {
      const hosts = ["www.shop.example", "pay.shop.example"];
      const { before, after, cookies } = await switching(from, to, KNOWN, [["track", "E"]], hosts);
      assert.equal(after[0].anonymousId, before[0].anonymousId);
      assert.equal(after[0].userId, "u1");
      for (const [name, { domain }] of Object.entries(cookies[1])) {
        assert.equal(domain, ".shop.example", name);
      }
    });
  });
}
