// Where pages of the loss tests come from and where their events go: two origins, as in life.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { at } from "../../pkg/scripts/lib.mjs";
import { eventually, freePort } from "./app.mjs";

/** A page whose script defines `make(endpoint, options)` and tracks events that have an `id`. */
const PAGE = `<!doctype html><link rel="icon" href="data:,"><title>Shop</title><script type="module">
  import * as sluicebox from "/index.js";
  window.sluicebox = sluicebox;
  window.start = (dataPlaneUrl, options) => {
    window.client = new sluicebox.Analytics({ writeKey: "wk", dataPlaneUrl, ...options });
  };
  window.track = (from, to) => {
    for (let id = from; id < to; id += 1) client.track("sold", { id, title: "Žluťoučký kůň", cart: { sku: "s" + id, tags: ["a", "b"] } });
  };
  /** So many an interval, and resolves when the last was accepted. */
  window.trackAll = async (count, each, interval) => {
    for (let id = 0; id < count; id += each) {
      track(id, Math.min(count, id + each));
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  };
</script>`;

const listen = (server, port = 0) =>
  new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => resolve(server.address().port));
  });

/** { url, close() }; every path but "/blank" has the script. */
export async function site() {
  const server = createServer((request, response) => {
    const [, file] = /^\/(\w+\.js)$/.exec(request.url) ?? [];
    if (file) {
      response.setHeader("content-type", "text/javascript; charset=utf-8");
      return response.end(readFileSync(at(`pkg/dist/${file}`)));
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(request.url === "/blank" ? "<!doctype html><title>Blank</title>" : PAGE);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * Takes batches and counts how often each `id` came. `faults` answer the first requests: a status, or
 * "stall" for no answer at all; what those brought does not count as delivered. Nor does anything while
 * `refuses` is a status, with which every request is answered: it lasts for as long as a test needs, where one
 * refusal lasts for a second.
 */
export async function collector(faults = []) {
  const came = new Map();
  let server, port;
  const answer = (request, response, body) => {
    if (place.refuses)
      return response.writeHead(place.refuses, { "retry-after": "1" }).end("later");
    const ids = JSON.parse(body).batch.map(({ properties }) => properties.id);
    const fault = faults.shift();
    if (fault === "stall") return;
    const more = { "retry-after": "1", ...(fault < 400 && { location: "/elsewhere" }) };
    if (fault) return response.writeHead(fault, more).end("later");
    for (const id of ids) came.set(id, (came.get(id) ?? 0) + 1);
    response.end("OK");
  };
  const handle = (request, response) => {
    response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
    response.setHeader("access-control-allow-credentials", "true");
    response.setHeader("access-control-expose-headers", "retry-after");
    if (request.method === "OPTIONS") {
      const headers = request.headers["access-control-request-headers"] ?? "";
      return response.writeHead(204, { "access-control-allow-headers": headers }).end();
    }
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks);
      const isGzip = request.headers["content-encoding"] === "gzip" || raw[0] === 0x1f;
      answer(request, response, isGzip ? gunzipSync(raw) : raw);
    });
  };
  const place = {
    /** Events that were delivered, each counted once. */
    count: () => [...came.keys()].filter((id) => id < VISIT).length,
    repeated: () => [...came].filter(([id, times]) => id < VISIT && times > 1),
    faults,
    refuses: undefined,
    async up() {
      server = createServer(handle);
      port = await listen(server, port ?? (await freePort()));
      place.url = `http://127.0.0.1:${port}`;
    },
    /** Refuses connections from now on. */
    down() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      return closed;
    },
  };
  await place.up();
  return place;
}

/** The event of a later visit; not one of those that are counted. */
export const VISIT = 1_000_000;

/** What was accepted so many milliseconds before a browser is killed is safe. */
export const SAFE_AFTER_MS = 250;

/** Waits until a client holds nothing more, and fails when it does for `timeout` milliseconds. */
export const settled = (timeout) => `client.flush({ timeout: ${timeout} })`;

/** What a later visit does: one more event, and all that is held is sent. */
export const visit = (timeout = 30_000) => `track(${VISIT}, ${VISIT + 1}), ${settled(timeout)}`;

/**
 * How many records are stored that have this text. Who asks for a database that is not there would make an
 * empty one.
 */
export const recordsWith = (text) => `(async () => {
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === "sluicebox")) return 0;
  const result = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await result(indexedDB.open("sluicebox"));
  const stores = [...database.objectStoreNames];
  const all = stores.length ? await result(database.transaction(stores).objectStore(stores[0]).getAll()) : [];
  database.close();
  return all.filter((record) => String(record).includes(${JSON.stringify(text)})).length;
})()`;

/** How many records are stored. */
export const RECORDS = recordsWith("");

/**
 * Resolves when a request of this page is refused, by its server or because there is none. A page that is gone
 * hears of no answer; what it sent before was refused before, as the browser sends in order.
 */
export async function isRefused(page, place) {
  const ask = (url) =>
    fetch(url, { method: "POST" }).then(
      ({ ok }) => !ok,
      () => true,
    );
  assert.ok(await page.evaluate(ask, place.url), "the server takes requests");
  await sleep(SAFE_AFTER_MS);
}

/** Each of `count` events arrived, and once: `ledger`, of the last page, says that nothing is to come. */
export async function allOnce(place, count, ledger) {
  await eventually(`${count} events`, () => place.count() >= count).catch(() => {});
  const seen = { delivered: place.count(), repeated: place.repeated(), pending: ledger.pending };
  assert.deepEqual(seen, { delivered: count, repeated: [], pending: 0 });
}
