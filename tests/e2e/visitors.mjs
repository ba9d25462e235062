// A site for Analytics in Chromium: its pages, its visitors and what arrives of them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, afterEach, before } from "node:test";
import { gunzipSync } from "node:zlib";
import { at } from "../../pkg/scripts/lib.mjs";
import { launchBrowser } from "./launch.mjs";

const PAGE = `<!doctype html><title>Home</title><script type="module">
  import * as sluicebox from "/sluicebox.js";
  const made = [];
  window.make = (options) => {
    const dataPlaneUrl = location.origin + "/" + window.visitor;
    const client = new sluicebox.Analytics({ writeKey: "wk", dataPlaneUrl, flushInterval: 20, ...options });
    made.push(client);
    return client;
  };
  window.client = make(window.options);
  window.ready = true;
</script>`;

let server, port, browser;
/** The number of the current visitor. What an earlier one's pages sent as they went may come late. */
let visitor = 0;
/** Of the current visitor: the browser context, and the events that arrived. */
export let context, events;

before(async () => {
  const client = readFileSync(at("pkg/dist/index.js"));
  server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url === "/sluicebox.js") {
        return response.setHeader("content-type", "text/javascript").end(client);
      }
      if (request.method === "GET") {
        return response.setHeader("content-type", "text/html").end(PAGE);
      }
      const raw = Buffer.concat(chunks);
      const isGzip = request.headers["content-encoding"] === "gzip";
      if (request.url.startsWith(`/${visitor}/`)) {
        events.push(...JSON.parse(isGzip ? gunzipSync(raw) : raw).batch);
      }
      response.end("ok");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = server.address().port;
  browser = await launchBrowser(["--host-resolver-rules=MAP *.example.com 127.0.0.1"]);
});

after(async () => {
  await browser?.close();
  server.closeAllConnections();
  server.close();
});

afterEach(() => context?.close());

export const address = (host, path) => `http://${host}.example.com:${port}${path}`;

/** A visit by a new visitor; `options` are those of the client that the page makes. */
export async function visit(path = "/", options = {}, prepare = () => {}) {
  events = [];
  visitor += 1;
  context = await browser.newContext({ locale: "de-DE" });
  return open(path, options, prepare);
}

/** One more tab of the same visitor. */
export async function open(path, options = {}, prepare = () => {}, host = "www") {
  const page = await context.newPage();
  const given = { options, visitor };
  await page.addInitScript((given) => Object.assign(window, given), given);
  await page.addInitScript(prepare);
  await page.goto(address(host, path));
  await page.waitForFunction("window.ready");
  return page;
}

/** The events that came, once there are so many. */
export async function arrived(page, count) {
  await page.evaluate(() => client.flush());
  const end = Date.now() + 30_000;
  while (events.length < count && Date.now() < end)
    await new Promise((done) => setTimeout(done, 10));
  assert.equal(
    events.length,
    count,
    JSON.stringify(events.map((e) => [e.type, e.event, e.context.page?.path])),
  );
  return events.splice(0);
}

export const cookies = async () =>
  Object.fromEntries(
    (await context.cookies()).map(({ name, value }) => [name, decodeURIComponent(value)]),
  );
export const encoded = (value) =>
  `RS_ENC_v3_${Buffer.from(JSON.stringify(value)).toString("base64")}`;
export const decoded = (text) => JSON.parse(Buffer.from(text.slice("RS_ENC_v3_".length), "base64"));

/** As `visit`, for somebody who brings cookies along. */
export async function returningVisitor(known) {
  events = [];
  visitor += 1;
  context = await browser.newContext();
  for (const [name, value] of Object.entries(known)) {
    const text = encodeURIComponent(encoded(value));
    await context.addCookies([{ name, value: text, domain: ".example.com", path: "/" }]);
  }
  return open("/");
}

/** The same site where the browser calls it secure. */
export const secureAddress = () => `http://127.0.0.1:${port}/`;
