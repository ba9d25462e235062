// Pages of consumers in Chromium: served as any site is, and judged by what the browser says about them.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { brotli } from "../../../pkg/scripts/lib.mjs";
import { eventually } from "../../e2e/app.mjs";
import { launchBrowser } from "../../e2e/launch.mjs";
import { MOST_MS } from "./data_plane.mjs";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Serves the files of a folder; `policy` is their Content-Security-Policy. */
export async function startSite(folder, policy) {
  const site = createServer(({ url }, response) => {
    const { pathname } = new URL(url, "http://site");
    const file = join(folder, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
    if (policy) response.setHeader("content-security-policy", policy);
    return response.end(readFileSync(file));
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    site.closeAllConnections();
    await new Promise((resolve) => site.close(resolve));
  };
  return { url: `http://127.0.0.1:${site.address().port}/`, stop };
}

/** What a page that trusts nothing but itself and its data plane sends. */
export const refusing = (dataPlane, scripts = "'self'") =>
  `default-src 'none'; img-src data:; style-src 'self'; script-src ${scripts}; worker-src 'self'; connect-src 'self' ${dataPlane}`;

/** In the page: whether a record of the package's database has this text. */
const isStored = async (text) => {
  const found = await indexedDB.databases();
  if (!found.some(({ name }) => name === "sluicebox")) return false;
  const open = indexedDB.open("sluicebox");
  await new Promise((resolve, reject) =>
    Object.assign(open, { onsuccess: resolve, onerror: reject }),
  );
  const database = open.result;
  try {
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store).getAll();
      await new Promise((resolve, reject) =>
        Object.assign(all, { onsuccess: resolve, onerror: reject }),
      );
      if (all.result.some((record) => String(record).includes(text))) return true;
    }
    return false;
  } finally {
    database.close();
  }
};

export async function startBrowser() {
  const browser = await launchBrowser();

  /**
   * Opens the page at `url`, which tracks "Opened" in the stream `host`, and asserts that the event is in
   * IndexedDB while the server has not answered, then in the server and there alone, and that the browser
   * complains of nothing. Resolves to the bytes (brotli) that the page loaded: { first, later }. What a
   * `worker` tracks is in the server alone: only pages store.
   */
  async function delivers(host, url, plane, { refused = false, worker = false } = {}) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints = [];
    const bodies = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("response", (response) => {
      if (response.request().resourceType() !== "script") return;
      bodies.push(response.body().catch(() => Buffer.alloc(0)));
    });
    const release = plane.hold();
    try {
      const address = new URL(url);
      address.searchParams.set("key", host);
      address.searchParams.set("to", plane.url);
      await page.goto(address.href);
      if (!worker) await inStorage(page, true);
      release();
      assert.deepEqual(await plane.stored(host), ["Opened"]);
      if (!worker) await inStorage(page, false);
      assert.deepEqual(complaints, []);
      return worker ? {} : weigh(await Promise.all(bodies), refused);
    } catch (error) {
      throw new Error(`${error.message}\n${complaints.join("\n")}`, { cause: error });
    } finally {
      release();
      await context.close();
    }
  }

  return {
    close: () => browser.close(),
    delivers,
    /** Serves a folder and opens its page, first without and then with a policy that refuses WebAssembly. */
    async deliversBoth(host, folder, plane, { path = "", policy = "'self'", worker } = {}) {
      const seen = [];
      for (const refused of [false, true]) {
        const site = await startSite(folder, refused ? refusing(plane.url, policy) : undefined);
        const key = refused ? `${host}-refusing` : host;
        try {
          seen.push(await delivers(key, `${site.url}${path}`, plane, { refused, worker }));
        } finally {
          await site.stop();
        }
      }
      return seen[0];
    },
  };
}

function weigh(bodies, refused) {
  const hasFallback = bodies.some((body) => body.includes("sluicebox.fallback") && isCore(body));
  assert.equal(hasFallback, refused, "whether the core as JavaScript was loaded");
  const [first, later] = [false, true].map((stores) =>
    bodies
      .filter((body, at) => isStorage(body, at) === stores)
      .reduce((total, body) => total + brotli(body), 0),
  );
  return { first, later };
}

/** Only the core as JavaScript counts the leading zeros of words. */
const isCore = (body) => body.includes("clz32");

/** The chunk that a page loads with its first event, unless it is inside the file of the page. */
const isStorage = (body, at) => at > 0 && body.includes("onupgradeneeded");

/** Waits until the event is in IndexedDB, or is there no more. Asks over the debugger, which no policy forbids. */
async function inStorage(page, expected) {
  const session = await page.context().newCDPSession(page);
  const ask = async () => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
      expression: `(${isStored})('Opened')`,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description);
    return result.value === expected;
  };
  await eventually(`the event is ${expected ? "" : "no more "}in IndexedDB`, ask, MOST_MS);
  await session.detach();
}
