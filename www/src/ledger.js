// @ts-check
// The ledger as numbers and as a sluice.
import { flood } from "./channel.js";
import { ledger } from "./clients.js";
import { byId, hook, say, whileSeen } from "./dom.js";

/** After this long without a change, or out of view, it is looked at less often. */
const CALM_MS = 1_500;
const CALM_POLL_MS = 200;

const COUNTS = /** @type {const} */ ([
  "accepted",
  "delivered",
  "rejected",
  "expired",
  "dropped",
  "pending",
]);

const numbers = COUNTS.map((name) => hook(`ledger-${name}`));
const sluice = byId("sluice");
const parts = [...sluice.children];
let shown = "";
let changedAt = 0;
let inView = false;

function draw() {
  const now = ledger();
  const key = COUNTS.map((name) => now[name]).join();
  if (key === shown) return;
  shown = key;
  changedAt = performance.now();
  COUNTS.forEach((name, index) => say(numbers[index], String(now[name])));
  for (const part of parts) {
    const count = now[part.dataset.part];
    part.hidden = count === 0;
    part.style.flexGrow = String(count / Math.max(1, now.accepted));
  }
  sluice.toggleAttribute("data-flowing", now.pending > 0);
  if (now.pending > 100) flood();
  const settled = now.delivered + now.rejected + now.expired + now.dropped;
  const balances = now.accepted === settled + now.pending;
  byId("balance").dataset.balances = String(balances);
  say(byId("balance"), balances ? "balances" : "does not balance");
}

/** Every frame while it changes and is in view; else now and then, for whoever reads by ear. */
function watch() {
  if (!document.hidden) draw();
  if (inView && performance.now() - changedAt < CALM_MS) requestAnimationFrame(watch);
  else setTimeout(watch, CALM_POLL_MS);
}

export function startLedger() {
  whileSeen(byId("ledger"), (now) => {
    inView = now;
  });
  watch();
}
