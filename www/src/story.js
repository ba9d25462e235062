// @ts-check
// What is going on, in one sentence: to be read at any moment, and told by ear when it becomes another one.
import { byId, grouped, say } from "./dom.js";
import { networkIsOn } from "./network.js";
import { nextRetry } from "./retries.js";
import { snapshot } from "./state.js";
import { serverFault } from "./trouble.js";

const DRAW_MS = 100;
/** Nothing is told before it has been so for this long. */
const SAY_MS = 1_300;
/** After this long it is gone again: who reads the page by ear meets the sentence once. */
const GONE_MS = 6_000;

const many = (count) => `${grouped(count)} ${count === 1 ? "event" : "events"}`;

const CAUSES = {
  stopped: "The server is stopped.",
  limited: "The server refuses and says when to come back (429, Retry-After).",
  slow: "The server takes its time.",
};

function wait({ pending, stored, flying }) {
  const kept = stored + flying === pending ? ", stored in this browser" : "";
  return `${many(pending)} ${pending === 1 ? "waits" : "wait"}${kept}.`;
}

/** @returns {[string, string]} what is so, and how long it still is */
function sentence() {
  const now = snapshot();
  const retry = nextRetry();
  const later = retry ? ` Next attempt in ${(Math.ceil(retry.ms / 100) / 10).toFixed(1)} s.` : "";
  if (!networkIsOn()) {
    const waits = now.pending > 0 ? wait(now) : "Whatever you send now will wait.";
    return [`The network is off. ${waits}`, later];
  }
  const cause = navigator.onLine ? (CAUSES[serverFault().name] ?? "") : "Your browser is offline.";
  if (now.pending > 0) {
    if (retry) return [`${cause || "Nothing gets through just now."} ${wait(now)}`, later];
    if (now.flying > 0) return [`${cause} ${many(now.flying)} on the way.`.trim(), ""];
    return [`${cause} ${wait(now)}`.trim(), ""];
  }
  if (now.accepted === 0) return ["Send some events, then take the network away.", ""];
  const lost = now.lost > 0 ? `, ${many(now.lost)} given up and told why` : ", none lost";
  const adopted = now.adopted > 0 ? `, ${grouped(now.adopted)} of them adopted` : "";
  return [`${cause} ${many(now.accepted)} accepted${adopted}${lost}.`.trim(), ""];
}

let said = "";
let sayLater = 0;
let clearLater = 0;

function tell(what) {
  say(byId("story-said"), what);
  clearTimeout(clearLater);
  clearLater = window.setTimeout(() => say(byId("story-said"), ""), GONE_MS);
}

function draw() {
  const [what, later] = sentence();
  say(byId("story"), what + later);
  if (what === said) return;
  said = what;
  clearTimeout(sayLater);
  sayLater = window.setTimeout(() => tell(what), SAY_MS);
}

export const startStory = () => setInterval(draw, DRAW_MS);
