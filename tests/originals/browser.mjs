// A page in Chromium with an original client or ours in it, served by the recorder that takes its
// events.

import { readFileSync } from "node:fs";
import { at } from "../../pkg/scripts/lib.mjs";
import { launchBrowser } from "../e2e/launch.mjs";

const ORIGINAL = "node_modules/@rudderstack/analytics-js/dist/npm/modern/bundled/esm/index.mjs";
const scripts = {
  "/original.mjs": at(ORIGINAL),
  "/ours.mjs": at("pkg/dist/index.js"),
};

/** Milliseconds: what hangs must fail and say so; what is only slow, on a busy machine, must not. */
const HANGS = 60_000;

/** What a page defines: `start` makes the client, `call` makes a call. */
const STARTED = {
  original: (plane, options) => `
    import { RudderAnalytics } from "/original.mjs";
    const client = new RudderAnalytics();
    const source = { id: "source", name: "web", config: {}, destinations: [], enabled: true,
      workspaceId: "workspace", writeKey: "wk", updatedAt: "2024-01-01T00:00:00.000Z" };
    window.client = client;
    window.ready = new Promise((resolve) => {
      client.load("wk", "${plane}", {
        getSourceConfig: () => ({ source, updatedAt: source.updatedAt }),
        polyfillIfRequired: false,
        logLevel: "NONE",
        onLoaded: resolve,
        ...${JSON.stringify(options)},
      });
    });`,
  ours: (plane) => `
    import { Analytics } from "/ours.mjs";
    window.client = new Analytics({
      writeKey: "wk",
      dataPlaneUrl: "${plane}",
      timeout: ${HANGS},
    });
    window.ready = Promise.resolve();`,
};

/**
 * Answers any page with the client in it, its script, and events with what `answer` says of them.
 * Events go to `plane`, or to this server by its address, which for a page of shop.example is another
 * origin. The original is loaded with these options more.
 */
export const site = (client, answer, plane, options) => (request) => {
  const url = new URL(request.path, "http://page");
  if (scripts[url.pathname]) {
    const headers = { "content-type": "text/javascript; charset=utf-8" };
    return { headers, body: readFileSync(scripts[url.pathname]) };
  }
  if (url.pathname.startsWith("/v1/")) return answer?.(request) ?? { body: "OK" };
  const own = `http://127.0.0.1:${request.headers.host.split(":")[1]}`;
  const canonical =
    url.pathname === "/canonical"
      ? '<link rel="canonical" href="https://shop.example/real?c=1#part">'
      : "";
  const body = `<!doctype html><html><head><meta charset="utf-8"><title>The title</title>
    ${canonical}<link rel="icon" href="data:,"></head><body>
    <script type="module">${STARTED[client](plane ?? own, options ?? {})}</script></body></html>`;
  return { headers: { "content-type": "text/html; charset=utf-8" }, body };
};

/** Chromium; every host below shop.example is this machine. */
export const launch = () => launchBrowser(["--host-resolver-rules=MAP *.shop.example 127.0.0.1"]);

/** One visitor: what a browser keeps is its own. */
export async function visitor(browser) {
  const context = await browser.newContext({
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    viewport: { width: 1200, height: 700 },
  });
  context.setDefaultTimeout(HANGS);
  return context;
}

/** Requests of a page that are not answered yet. */
const unanswered = new WeakMap();

/** Resolves when a page has heard all answers; one that closes before may send its events again. */
export async function heard(page) {
  const end = Date.now() + HANGS;
  while (unanswered.get(page).size > 0) {
    if (Date.now() > end) throw new Error("the page was not answered");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // What was heard is also acted upon.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)));
}

/** Opens a page with the client, ready to be called. */
export async function open(context, url, referer) {
  const page = await context.newPage();
  const open = new Set();
  unanswered.set(page, open);
  page.on("request", (request) => open.add(request));
  for (const end of ["requestfinished", "requestfailed"]) {
    page.on(end, (request) => open.delete(request));
  }
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(url, { referer });
  await page.waitForFunction(() => window.ready);
  await page.evaluate(() => window.ready);
  if (errors.length > 0) throw new Error(`the page failed: ${errors.join("; ")}`);
  return page;
}

/** Makes calls one after the other: what each gave, or the text of what it threw. */
export const call = (page, calls) =>
  page.evaluate(async (calls) => {
    const results = [];
    for (const [name, ...args] of calls) {
      try {
        window.client[name](...args);
        results.push({ result: null });
      } catch (error) {
        results.push({ error: error.message });
      }
      // So that the times of events tell their order.
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    return results;
  }, calls);

/** All events that came, each as it came first, in the order they were made. */
export const eventsOf = (requests) => {
  const events = requests
    .filter(({ path }) => path.startsWith("/v1/"))
    .flatMap(({ json }) => json.batch ?? [json]);
  const ids = new Set();
  const once = events.filter(({ messageId }) => !ids.has(messageId) && ids.add(messageId));
  const time = ({ originalTimestamp }) => Date.parse(originalTimestamp);
  // Their SDK has several requests under way at once.
  return once.sort((one, two) => time(one) - time(two));
};

/** Resolves when so many events have come, in at least so many requests. */
export async function arrived(server, events, least, timeout = HANGS) {
  const end = Date.now() + timeout;
  for (;;) {
    const requests = server.requests.filter(({ path }) => path.startsWith("/v1/"));
    const count = eventsOf(requests).length;
    if (count >= events && requests.length >= least) return;
    if (Date.now() > end) throw new Error(`${count} events in ${requests.length} requests came`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What a browser keeps, decoded: { name: { value, domain, path, sameSite, secure, days } }. */
export async function kept(context) {
  const cookies = await context.cookies();
  const entries = cookies.map(({ name, value, domain, path, sameSite, secure, expires }) => {
    const text = decodeURIComponent(value);
    const coded = text.startsWith("RS_ENC_v3_");
    const decoded = coded ? Buffer.from(text.slice("RS_ENC_v3_".length), "base64") : text;
    const days = Math.round((expires - Date.now() / 1000) / 86_400);
    const data = parsed(`${decoded}`);
    // A busy machine may look minutes later.
    if (data?.expiresAt)
      data.expiresAt = `in ${5 * Math.ceil((data.expiresAt - Date.now()) / 300_000)} min`;
    return [name, { value: data, coded, domain, path, sameSite, secure, days }];
  });
  return Object.fromEntries(entries);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
