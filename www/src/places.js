// @ts-check
// Where events lie: in the storage of this browser, tab by tab, and in the server.
import { byId, grouped, make, say } from "./dom.js";
import { keptByServer } from "./kept.js";
import { requests } from "./network.js";
import { storedLogs } from "./stored.js";

const DRAW_MS = 200;
const TABS = { this: "this tab", other: "another tab", none: "a tab that is gone" };

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : `${grouped(bytes / 1024)} KiB`);

let shown = "";

/** One row for each tab; a tab may have several clients, and each client a log. */
function tabs() {
  const rows = new Map([["this", { kind: "this", events: 0, bytes: 0 }]]);
  for (const { tab, log, events, bytes } of storedLogs()) {
    const key = tab === "this" ? "this" : log;
    const row = rows.get(key) ?? { kind: tab, events: 0, bytes: 0 };
    row.events += events;
    row.bytes += bytes;
    rows.set(key, row);
  }
  // Each tab has a client that has stored nothing.
  return [...rows.values()].filter(({ kind, bytes }) => kind === "this" || bytes > 0);
}

function drawTabs() {
  const rows = tabs();
  const key = JSON.stringify(rows);
  if (key === shown) return;
  shown = key;
  const most = Math.max(1, ...rows.map(({ bytes }) => bytes));
  byId("shelves").replaceChildren(
    ...rows.map(({ kind, events, bytes }) => {
      const bar = make("i", { "aria-hidden": "true" });
      bar.style.setProperty("--part", String(bytes / most));
      const counts = `${grouped(events)} ${events === 1 ? "event" : "events"}, ${size(bytes)}`;
      return make(
        "li",
        { "data-tab": kind, "data-events": String(events) },
        make("span", {}, TABS[kind]),
        " ",
        make("b", {}, counts),
        bar,
      );
    }),
  );
}

function drawServer() {
  const { sent, kept, twice } = keptByServer();
  say(byId("kept"), grouped(kept));
  say(byId("kept-of"), grouped(sent));
  say(byId("kept-twice"), grouped(twice));
  say(byId("sent-again"), grouped(requests.again));
  byId("kept-bar").style.setProperty("--part", String(kept / Math.max(1, sent)));
}

export function startPlaces() {
  setInterval(() => {
    if (document.hidden) return;
    drawTabs();
    drawServer();
  }, DRAW_MS);
}
