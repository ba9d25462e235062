// RudderStack's browser SDK 3.34.1, unmodified, sends from a page in Chromium to our server, which is
// of another origin.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, launch, open, site, visitor } from "./browser.mjs";
import { recorder } from "./recorder.mjs";
import { assertEvents, kept, keptWhen, served } from "./serve.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A page with the client, that sends to this server; `answers` collects what it is answered. */
async function page(t, server, options) {
  const pages = await recorder(site("original", undefined, server.url, options));
  const context = await visitor(browser);
  t.after(async () => {
    await context.close();
    await pages.close();
  });
  const answers = [];
  context.on("response", (response) => {
    if (response.url().startsWith(server.url)) answers.push(response.status());
  });
  return { page: await open(context, `${pages.url}/shop?utm_source=news`), answers };
}

test("every call it has is kept as it was made, through a preflight", async (t) => {
  const server = await served(t, ["wk:write"], "--cors", "*");
  const { page: shop } = await page(t, server);
  const results = await call(shop, [
    ["page", "cat", "nm", { k: 1 }],
    ["track", "Bought", { price: 9.99, tags: ["a", "é 😀"] }],
    ["identify", "u1", { email: "a@example.com", plan: { seats: 3 } }],
    ["group", "g1", { name: "Initech" }],
    ["alias", "u2", "u1"],
    ["reset"],
    ["track", "After"],
  ]);
  assert.ok(
    results.every(({ error }) => !error),
    JSON.stringify(results),
  );
  const events = await keptWhen(server, 6, "wk");
  const made = ({ originalTimestamp }) => Date.parse(originalTimestamp);
  // It has several requests under way at once.
  assertEvents(
    events.toSorted((one, two) => made(one) - made(two)),
    [
      {
        type: "page",
        name: "nm",
        category: "cat",
        properties: { k: 1, name: "nm", category: "cat", path: "/shop", title: "The title" },
        context: { campaign: { source: "news" }, library: { name: "RudderLabs JavaScript SDK" } },
        userId: "",
      },
      { type: "track", event: "Bought", properties: { price: 9.99, tags: ["a", "é 😀"] } },
      {
        type: "identify",
        userId: "u1",
        context: { traits: { email: "a@example.com", plan: { seats: 3 } } },
      },
      { type: "group", userId: "u1", groupId: "g1", traits: { name: "Initech" } },
      { type: "alias", userId: "u2", previousId: "u1" },
      { type: "track", event: "After", userId: "", channel: "web" },
    ],
  );
  const [{ messageId, rudderId, receivedAt, request_ip: ip }] = events;
  for (const added of [messageId, rudderId, receivedAt]) assert.equal(typeof added, "string");
  assert.equal(ip, "127.0.0.1");
  assert.equal(new Set(events.map(({ anonymousId }) => anonymousId)).size, 1);
});

test("it finds its source's configuration at the server too, so it needs no control plane", async (t) => {
  const server = await served(t, ["wk:write"], "--cors", "*");
  const options = { getSourceConfig: null, configUrl: server.url };
  const { page: shop, answers } = await page(t, server, options);
  // The server keeps an event before the page hears so.
  const taken = shop.waitForResponse(
    (response) =>
      response.url() === `${server.url}/v1/track` && response.request().method() === "POST",
  );
  const results = await call(shop, [["track", "E", { n: 1 }]]);
  assert.ok(results.every(({ error }) => !error));
  assertEvents(await keptWhen(server, 1, "wk"), [{ type: "track", event: "E" }]);
  await taken;
  assert.ok(answers.length >= 2 && answers.every((status) => status < 300), String(answers));
});

test("beacons and batches are taken as well", async (t) => {
  for (const [options, path] of [
    [{ useBeacon: true, beaconQueueOptions: { maxItems: 3 } }, "/beacon/v1/batch?writeKey=wk"],
    [{ queueOptions: { batch: { enabled: true, maxItems: 3 } } }, "/v1/batch"],
  ]) {
    const server = await served(t, ["wk:write"], "--cors", "*");
    const { page: shop } = await page(t, server, options);
    const sent = shop.waitForRequest((request) => request.url() === server.url + path);
    const results = await call(
      shop,
      [1, 2, 3].map((n) => ["track", "E", { n }]),
    );
    assert.ok(results.every(({ error }) => !error));
    await sent;
    const events = await keptWhen(server, 3, "wk");
    assertEvents(
      events,
      [1, 2, 3].map((n) => ({ type: "track", event: "E", properties: { n } })),
    );
  }
});

test("a wrong write key is not tried again, and nothing is kept", async (t) => {
  const server = await served(t, ["other:write"], "--cors", "*");
  const { page: shop, answers } = await page(t, server);
  const refused = shop.waitForResponse((response) => response.status() === 401);
  await call(shop, [["track", "E"]]);
  assert.equal(await (await refused).text(), "invalid write key\n");
  // A later event would be kept behind one that is tried again.
  const again = shop.waitForResponse((response) => response.status() === 401);
  await call(shop, [["track", "F"]]);
  await again;
  assert.deepEqual(
    answers.filter((status) => status !== 204),
    [401, 401],
  );
  assert.deepEqual(await kept(server), []);
});

test("a call beyond the limit is retried until it is taken", async (t) => {
  // A window so long that not each of the calls falls into another one, on a busy machine either.
  const server = await served(t, ["wk:write"], "--cors", "*", "--rate-limit", "1/4");
  const { page: shop } = await page(t, server);
  const limited = shop.waitForResponse((response) => response.status() === 429);
  const tracks = ["A", "B", "C"].map((name) => ["track", name]);
  await call(shop, tracks);
  await limited;
  const events = await keptWhen(server, 3, "wk", 100_000);
  assert.deepEqual(events.map(({ event }) => event).sort(), ["A", "B", "C"]);
});

test("a page of an origin that was not named sends nothing", async (t) => {
  const server = await served(t, ["wk:write"], "--cors", "https://shop.example");
  const { page: shop } = await page(t, server);
  const failed = shop.waitForEvent("requestfailed");
  await call(shop, [["track", "E"]]);
  assert.ok((await failed).url().startsWith(server.url));
  assert.deepEqual(await kept(server), []);
});
