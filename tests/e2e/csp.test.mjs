// Pages that refuse WebAssembly: every face works at once, and delivers by the core as JavaScript.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { createServer } from "sluicebox/server";
import { serve } from "sluicebox/node";
import { at } from "../../pkg/scripts/lib.mjs";
import { launchBrowser } from "./launch.mjs";

/** Calls of all faces in the task in which the package was imported. */
const PAGE = `
import { Analytics, Collector, Streamer, StreamClient } from "/index.js";
const failed = [];
const onError = (error, events) => failed.push([error.code, events]);
const endpoint = location.origin;
const analytics = new Analytics({ writeKey: "analytics", dataPlaneUrl: endpoint, onError });
const anonymousId = analytics.anonymousId;
analytics.track("first");
analytics.track("second", { text: "grüße 🌍" });
const collector = new Collector("key", { endpoint: endpoint + "/v1", onError });
collector.start();
for (let n = 0; n < 250; n++) collector.collect("collected", { n });
const streamer = new Streamer({ accessKey: "key", bucketName: "Logged", endpoint, onError });
const bucketKey = streamer.bucketKey;
streamer.log("temperature", 1);
const client = new StreamClient(endpoint);
const before = collector.ledger();
const flushes = [analytics.flush(), collector.flush(), streamer.flush()];
const [, ...ledgers] = await Promise.all([client.insert({ inserted: 1 }), ...flushes]);
report({ anonymousId, bucketKey, before, ledgers, failed });
`;

const SELF = "default-src 'none'; connect-src 'self'; script-src 'self'";
const HTML = { "content-type": "text/html" };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let browser;

before(async () => (browser = await launchBrowser()));
after(() => browser?.close());

/** Opens the page over a stream server of its own; `prepare` runs before it, `files` are what differs. */
async function visit(t, { policy, script = PAGE, prepare, missing = [] }) {
  const store = createServer();
  const asked = [];
  const file = (name) => {
    if (missing.includes(name)) return new Response("", { status: 404 });
    const body = name === "page.js" ? script : readFileSync(at(`pkg/dist/${name}`));
    return new Response(body, { headers: { "content-type": "text/javascript" } });
  };
  const answer = (request) => {
    const name = new URL(request.url).pathname.slice(1);
    if (request.method !== "GET") return store.fetch(request);
    if (name.endsWith(".js")) asked.push(name);
    if (name.endsWith(".js")) return file(name);
    const page = `<!doctype html><title>Page</title><script type="module" src="/page.js"></script>`;
    const headers = policy ? { ...HTML, "content-security-policy": policy } : HTML;
    return new Response(page, { headers });
  };
  const listening = await serve({ fetch: async (request) => answer(request) }, { port: 0 });
  const context = await browser.newContext();
  t.after(async () => {
    await context.close();
    await listening.close();
  });
  const page = await context.newPage();
  const thrown = [];
  page.on("pageerror", (error) => thrown.push(String(error)));
  if (prepare) await page.addInitScript(prepare);
  // Evaluating anything in the page is what its policy forbids.
  const outcome = await new Promise((resolve, reject) => {
    page.on("pageerror", reject);
    page.exposeFunction("report", resolve).then(() => page.goto(listening.url));
  });
  return { outcome, asked, thrown, store };
}

async function assertAllDelivered({ outcome, store, thrown }) {
  const { anonymousId, bucketKey, ledgers, failed } = outcome;
  assert.match(anonymousId, UUID);
  assert.match(bucketKey, UUID);
  assert.deepEqual(
    ledgers.map(({ delivered, pending }) => [delivered, pending]),
    [
      [2, 0],
      [250, 0],
      [1, 0],
    ],
  );
  const numbers = (await store.items({ stream: "collected", end: 1000 })).map(({ n }) => n);
  assert.deepEqual(
    numbers.reverse(),
    Array.from({ length: 250 }, (_, n) => n),
  );
  const tracked = await store.items({ stream: "analytics" });
  assert.deepEqual(
    tracked.map(({ event }) => event),
    ["second", "first"],
  );
  assert.equal(tracked[0].properties.text, "grüße 🌍");
  assert.deepEqual([failed, thrown], [[], []]);
}

test("a page whose policy refuses WebAssembly delivers by JavaScript", async (t) => {
  const visited = await visit(t, { policy: SELF });
  await assertAllDelivered(visited);
  assert.ok(visited.asked.includes("fallback.js"));
  const { accepted, pending } = visited.outcome.before;
  assert.deepEqual([accepted, pending], [250, 250]);
});

test("a browser without WebAssembly delivers by JavaScript", async (t) => {
  const visited = await visit(t, { prepare: "delete globalThis.WebAssembly" });
  await assertAllDelivered(visited);
});

test("where WebAssembly works, the JavaScript that stands for it is never fetched", async (t) => {
  for (const policy of [undefined, `${SELF} 'wasm-unsafe-eval'`]) {
    const visited = await visit(t, { policy });
    await assertAllDelivered(visited);
    assert.ok(!visited.asked.includes("fallback.js"));
  }
});

test("where neither can be had, the events are reported and nothing is thrown", async (t) => {
  const visited = await visit(t, { policy: SELF, missing: ["fallback.js"] });
  const { ledgers, failed, before } = visited.outcome;
  assert.equal(failed.flatMap(([, events]) => events).length, 253);
  assert.deepEqual(
    failed.filter(([code]) => code !== "wasm_unavailable"),
    [],
  );
  const values = failed.flatMap(([, events]) => events);
  assert.deepEqual(
    values.filter(({ n }) => n !== undefined).map(({ n }) => n),
    Array.from({ length: 250 }, (_, n) => n),
  );
  assert.deepEqual(
    ledgers.map(({ accepted, dropped, pending }) => [accepted, dropped, pending]),
    [
      [2, 2, 0],
      [250, 250, 0],
      [1, 1, 0],
    ],
  );
  assert.equal(before.pending, 250);
  assert.deepEqual(visited.thrown, []);
});
