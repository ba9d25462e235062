// @ts-check
// The ledger: as a sum, and as two bars that are always of one length.
import { told } from "./clients.js";
import { byId, grouped, hook, say } from "./dom.js";
import { onChange } from "./state.js";

const SETTLED = /** @type {const} */ (["delivered", "rejected", "expired", "dropped", "pending"]);
/** The label of the picture is for whoever asks, and need not follow each event. */
const LABEL_MS = 400;
const TOLD_MS = 500;

const parts = [...byId("balance-parts").children];
let labelAt = 0;

/** @param {import("./state.js").Snapshot} now */
function draw(now) {
  for (const name of [...SETTLED, "accepted"]) say(hook(`ledger-${name}`), grouped(now[name]));
  for (const part of parts) {
    const count = now[part.dataset.part];
    part.hidden = count === 0;
    part.style.flexGrow = String(count / Math.max(1, now.accepted));
  }
  byId("balance").dataset.balances = String(now.balances);
  say(byId("balance"), now.balances ? "balances" : "does not balance");
  clearTimeout(labelAt);
  labelAt = window.setTimeout(() => {
    const sum = SETTLED.map((name) => `${grouped(now[name])} ${name}`).join(" + ");
    byId("balance-picture").setAttribute(
      "aria-label",
      `Balance: ${grouped(now.accepted)} accepted ${now.balances ? "=" : "≠"} ${sum}`,
    );
  }, LABEL_MS);
}

export function startLedger() {
  onChange(draw);
  // A storage that fails changes no count.
  setInterval(() => say(byId("told"), told.text), TOLD_MS);
}
