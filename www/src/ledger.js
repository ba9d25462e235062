// @ts-check
// The ledger as numbers and as a sluice.
import { flood } from "./channel.js";
import { ledger } from "./clients.js";
import { byId, hook, say, whileSeen } from "./dom.js";

/** After this long without a change it is looked at less often. */
const CALM_MS = 1_500;
const CALM_POLL_MS = 150;

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
let seen = false;
let waiting = false;

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

/** Every frame while it changes, now and then while it does not, never while nobody looks. */
function next() {
  if (waiting || !seen) return;
  waiting = true;
  const look = () => {
    waiting = false;
    draw();
    next();
  };
  if (performance.now() - changedAt < CALM_MS) requestAnimationFrame(look);
  else setTimeout(look, CALM_POLL_MS);
}

export function startLedger() {
  draw();
  whileSeen(byId("ledger"), (now) => {
    seen = now;
    next();
  });
}
