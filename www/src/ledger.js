// The ledger as numbers and as a sluice.
import { ledger } from "./clients.js";

const COUNTS = ["accepted", "delivered", "rejected", "expired", "dropped", "pending"];

let last = "";

function draw() {
  const now = ledger();
  const text = JSON.stringify(now);
  if (text === last) return;
  last = text;
  for (const name of COUNTS) {
    document.querySelector(`[data-testid="ledger-${name}"]`).textContent = String(now[name]);
  }
  for (const part of document.querySelectorAll(".sluice span")) {
    part.style.width = `${(100 * now[part.dataset.part]) / Math.max(1, now.accepted)}%`;
  }
  const settled = now.delivered + now.rejected + now.expired + now.dropped + now.pending;
  const badge = document.getElementById("balance");
  const balances = settled === now.accepted;
  badge.textContent = balances ? "balances" : "does not balance";
  badge.toggleAttribute("data-off", !balances);
}

export function startLedger() {
  setInterval(() => {
    if (!document.hidden) draw();
  }, 100);
}
