// @ts-check
// The second tab: the same client, and a `fetch` that always refuses.
import { Analytics } from "sluicebox";
import { byId, hook, say } from "./dom.js";

const EVENTS = 12;

const analytics = new Analytics({
  writeKey: "demo",
  dataPlaneUrl: location.origin,
  fetch: () => Promise.reject(new TypeError("this tab has no network")),
});

let tracked = 0;
function track(count) {
  for (let left = count; left > 0; left -= 1) {
    analytics.track("Gold Left Behind", { grams: ++tracked });
  }
}

function show() {
  const { accepted, delivered, pending } = analytics.ledger();
  say(hook("tab-pending"), String(pending));
  say(byId("tab-sum"), `${accepted} accepted = ${delivered} delivered + ${pending} pending`);
  setTimeout(show, 200);
}

hook("tab-more").addEventListener("click", () => track(1));
hook("tab-end").addEventListener("click", () => window.close());
track(EVENTS);
show();
