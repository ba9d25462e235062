// Live subscriptions in a real browser, by both ways, from another origin than the server's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { after, before, test } from "node:test";
import { at } from "../../pkg/scripts/lib.mjs";
import { serve } from "sluicebox/node";
import { createServer, memory } from "sluicebox/server";
import { network, scripted } from "../node/live.mjs";
import { eventually } from "./app.mjs";
import { launchBrowser } from "./launch.mjs";

const VIAS = ["stream", "eventsource"];
const KEY = "s+cret/=";

let browser, page, pages, server, listening;
/** What the server was asked: URL and Authorization header. */
const asked = [];

before(async () => {
  pages = createHttpServer((request, response) => {
    const isScript = request.url === "/index.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? readFileSync(at("pkg/dist/index.js")) : "<!doctype html>");
  });
  await new Promise((resolve) => pages.listen(0, "127.0.0.1", resolve));
  server = createServer({
    store: memory({ keys: ["i"] }),
    apiKeys: { [KEY]: "admin" },
    cors: "*",
  });
  const host = {
    fetch: ({ method, url, headers }) => {
      const request = new Request(url, { method, headers: plain(headers) });
      const { pathname, searchParams } = new URL(url);
      if (pathname === "/subscribe" && method === "GET") {
        asked.push({ search: searchParams, authorization: headers.get("authorization") });
      }
      return server.fetch(request);
    },
    close: () => server.close(),
  };
  listening = await serve(host, { port: 0 });
  browser = await launchBrowser();
});

/** The headers that matter, of what node:http has. */
function plain(headers) {
  const names = ["accept", "authorization", "origin", "last-event-id"];
  names.push("access-control-request-method", "access-control-request-headers");
  return names.flatMap((name) => (headers.get(name) ? [[name, headers.get(name)]] : []));
}

after(async () => {
  await browser?.close();
  await listening?.close();
  pages?.closeAllConnections();
  pages?.close();
});

/** A page with `subscribe(options)`, `take(count)` and `live`, at the far end of a network. */
async function opened(t, { tick = 15_000 } = {}) {
  const link = await network(t, listening.port);
  page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`http://127.0.0.1:${pages.address().port}/`);
  await page.evaluate(
    async ({ url, key, tick }) => {
      const { setInterval } = window;
      window.setInterval = (work, delay) => setInterval(work, delay === 15_000 ? tick : delay);
      Math.random = () => 0.02;
      const { StreamClient, Stride } = await import("/index.js");
      window.subscribe = async (options, apiKey = key) => {
        window.live = await new StreamClient(url, { apiKey }).subscribe(options);
      };
      window.stride = (options, apiKey) =>
        new Stride(apiKey, { endpoint: `${url}/v1` }).subscribe("/collect/s", options);
      window.take = async (count) => {
        const all = [];
        while (all.length < count) all.push((await live.next()).value.i);
        return all;
      };
    },
    { url: link.url, key: KEY, tick },
  );
  asked.length = 0;
  return link;
}

const numbers = (count, from = 0) => Array.from({ length: count }, (_, i) => from + i);
const take = (count) => page.evaluate((count) => take(count), count);
const state = () => page.evaluate(() => live.state);
async function insert(all, more) {
  for (const i of all) await server.insert({ i, ...more });
}

for (const via of VIAS) {
  test(`${via}: events come, and the key goes where it must`, async (t) => {
    const link = await opened(t);
    await page.evaluate((via) => subscribe({ via, where: { i: [1, 2, 3] } }), via);
    await insert(numbers(5), { text: "ä€😀" });
    assert.deepEqual(await take(2), [1, 2]);
    const [{ i, $id, text }] = await server.items({ start: 2, end: 3 });
    assert.deepEqual([i, text], [2, "ä€😀"]);
    assert.equal($id, undefined);
    const last = await page.evaluate(() => live.lastEventId);
    assert.equal(asked.length, 1);
    const [{ search, authorization }] = asked;
    assert.equal(search.get("key"), via === "stream" ? null : KEY);
    assert.equal(authorization, via === "stream" ? `Basic ${btoa(`${KEY}:`)}` : null);
    await page.evaluate(() => live.close());
    await eventually("the request is gone", () => link.connections() === 0);
    await page.evaluate(([via, after]) => subscribe({ via, after }), [via, last]);
    assert.deepEqual(await take(2), [3, 4]);
  });

  test(`${via}: a network that breaks leaves no gap and no repeat`, async (t) => {
    const link = await opened(t);
    await page.evaluate((via) => subscribe({ via }), via);
    link.down();
    await eventually("it waits", async () => (await state()) === "waiting");
    await insert(numbers(10));
    link.up();
    assert.deepEqual(await take(5), numbers(5));
    link.cut();
    await insert(numbers(10, 10));
    assert.deepEqual(await take(15), numbers(15, 5));
    assert.equal(await state(), "open");
  });

  test(`${via}: who reads slowly gets everything, in order`, async (t) => {
    const link = await opened(t);
    await page.evaluate((via) => subscribe({ via, reconnect: false }), via);
    const all = numbers(6000);
    await insert(all, { text: "x".repeat(1000) });
    // An EventSource cannot be held up, only left and opened again.
    if (via === "eventsource") await eventually("it is left", () => link.connections() === 0);
    else await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(await take(all.length), all);
    if (via === "eventsource") assert.ok(asked.length > 1, `${asked.length} connections`);
    else assert.equal(asked.length, 1);
  });

  test(`${via}: a refusal has its status`, async (t) => {
    await opened(t);
    const answer = await page.evaluate((via) => stride({ via }, "wrong"), via);
    assert.equal(answer.statusCode, 401);
    assert.ok(answer.data.error, JSON.stringify(answer.data));
    const code = await page.evaluate(
      (via) => subscribe({ via }, "wrong").catch(({ code, statusCode }) => [code, statusCode]),
      via,
    );
    assert.deepEqual(code, ["unauthorized", 401]);
  });

  test(`${via}: a connection that died without a word is found by its silence`, async (t) => {
    await opened(t, { tick: 300 });
    await page.evaluate((via) => subscribe({ via }), via);
    await eventually("it connects again", () => asked.length > 1);
    await insert([1]);
    assert.deepEqual(await take(1), [1]);
  });
}

test("eventsource: who lost the connection before the first event goes on where it began", async (t) => {
  const head = { "content-type": "text/event-stream", "access-control-allow-origin": "*" };
  const { url, requests } = await scripted(t, (response) => {
    response.writeHead(200, head).flushHeaders();
    setTimeout(() => response.write("id: here.7\nevent: ping\ndata\n\n"), 50);
  });
  await opened(t);
  await page.evaluate(async (url) => {
    const { StreamClient } = await import("/index.js");
    window.live = await new StreamClient(url).subscribe({ via: "eventsource" });
  }, url);
  requests[0].socket.destroy();
  await eventually("it connects again", () => requests.length > 1);
  assert.equal(new URL(requests[1].url, url).searchParams.get("after"), "here.7");
});
