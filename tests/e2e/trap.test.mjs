// The core traps in a page: the page hears nothing of it, and every event arrives once.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { serve } from "sluicebox/node";
import { createServer } from "sluicebox/server";
import { buildTrapping } from "../../pkg/scripts/build.mjs";
import { at } from "../../pkg/scripts/lib.mjs";
import { launchBrowser } from "./launch.mjs";

const PAGE = `<!doctype html><title>Page</title><script type="module">
import { Analytics, Collector } from "/client.js";
const failed = [];
const options = { flushInterval: 1, onError: (error, events) => failed.push([error.code, events]) };
const collectors = [0, 1].map((which) => {
  const collector = new Collector("key" + which, { endpoint: location.origin + "/v1", ...options });
  collector.start();
  return collector;
});
const analytics = new Analytics({ writeKey: "analytics", dataPlaneUrl: location.origin, ...options });
/** Traps once at each place, and always at one event. */
const places = new Set(["offer", "answer", "page"]);
globalThis.sluiceboxTraps = (what, bytes) => bytes > 5000 || places.delete(what);
for (let n = 0; n < 50; n++) {
  collectors.forEach((collector, which) => collector.collect("stream" + which, { n }));
  analytics.track("event " + n);
}
// The page listens from the end of the first burst on.
await null;
dispatchEvent(new Event("online"));
collectors[0].collect("stream0", { poison: "x".repeat(5000) });
const flushes = [...collectors, analytics].map((client) => client.flush());
window.done = Promise.all(flushes).then((ledgers) => ({
  failed,
  left: [...places],
  pending: ledgers.map(({ pending }) => pending),
}));
</script>`;

let browser;

before(async () => (browser = await launchBrowser()));
after(() => browser?.close());

test("a page whose core traps in calls, answers and events of the page delivers everything once", async (t) => {
  const scripts = {
    "/client.js": readFileSync(await buildTrapping()),
    "/durable.js": readFileSync(at("pkg/dist/durable.js")),
  };
  const store = createServer();
  const answer = (request) => {
    if (request.method !== "GET") return store.fetch(request);
    const script = scripts[new URL(request.url).pathname];
    const type = script ? "text/javascript" : "text/html";
    return new Response(script ?? PAGE, { headers: { "content-type": type } });
  };
  const listening = await serve({ fetch: async (request) => answer(request) }, { port: 0 });
  const page = await browser.newPage();
  t.after(async () => {
    await page.close();
    await listening.close();
  });
  const thrown = [];
  page.on("pageerror", (error) => thrown.push(String(error)));
  await page.goto(listening.url);
  const { failed, left, pending } = await page.evaluate("done");

  const numbers = Array.from({ length: 50 }, (_, n) => n);
  for (const stream of ["stream0", "stream1"]) {
    const events = await store.items({ stream, end: 1000 });
    assert.deepEqual(events.map(({ n }) => n).reverse(), numbers);
  }
  const tracked = await store.items({ stream: "analytics", end: 1000 });
  assert.deepEqual(
    tracked.map(({ event }) => event).reverse(),
    numbers.map((n) => `event ${n}`),
  );
  assert.deepEqual(failed, [["wasm_unavailable", [{ poison: "x".repeat(5000) }]]]);
  assert.deepEqual([left, pending, thrown], [[], [0, 0, 0], []]);
});
