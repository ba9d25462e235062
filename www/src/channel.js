// @ts-check
// The channel below the title: a nugget for each event of ours, which reaches the far end when the
// event has come back, and a few for a flood. Decoration: whoever cannot see it misses nothing.
import { byId, duration as written, lessMotion, make, say } from "./dom.js";
import { onDeparture } from "./trips.js";

/** More would be a carpet. */
const MOST = 28;
/** A flood drops this many a second. */
const FLOOD_PER_SECOND = 12;
/** Where a nugget waits for the server's word. */
const WAITS_AT = 0.72;
const RIFFLES = 6;
const RUNS_ON_MS = 2_500;

const water = byId("water");
const label = byId("round-trip");
let alive = 0;
let lastOfFlood = 0;
let stilling = 0;

/** Down the channel, over the riffles, as far as `to`. */
function path(from, to) {
  const steps = [];
  for (let step = 0; step <= RIFFLES * 2; step += 1) {
    const x = from + ((to - from) * step) / (RIFFLES * 2);
    steps.push({ left: `${x * 100}%`, transform: `translateY(${step % 2 ? -7 : 0}px)` });
  }
  return steps;
}

/** The water runs while something is in it, and a little longer. */
function run() {
  clearTimeout(stilling);
  water.dataset.runs = "true";
  stilling = window.setTimeout(() => delete water.dataset.runs, RUNS_ON_MS);
}

function nugget() {
  run();
  if (alive >= MOST || lessMotion.matches || document.hidden) return undefined;
  alive += 1;
  const element = make("i", { class: "nugget" });
  const size = 7 + Math.random() * 6;
  element.style.width = element.style.height = `${size}px`;
  element.style.bottom = `${5 + Math.random() * 9}px`;
  water.append(element);
  return element;
}

function gone(element) {
  if (!element.isConnected) return;
  element.remove();
  alive -= 1;
}

const roll = (element, from, to, duration) =>
  element.animate(path(from, to), { duration, easing: "ease-out", fill: "forwards" }).finished;

function depart() {
  const element = nugget();
  if (!element) return undefined;
  const rolled = roll(element, 0, WAITS_AT, 420);
  // One that never arrives sinks.
  const sinks = setTimeout(() => gone(element), 20_000);
  return {
    async arrive(ms) {
      say(label, `back in ${written(ms)}`);
      clearTimeout(sinks);
      await rolled;
      await roll(element, WAITS_AT, 1, 240);
      gone(element);
    },
  };
}

/** Events went through that nobody follows one by one. */
export function flood() {
  const now = performance.now();
  if (now - lastOfFlood < 1000 / FLOOD_PER_SECOND) return;
  lastOfFlood = now;
  const element = nugget();
  if (element) roll(element, 0, 1, 900 + Math.random() * 500).then(() => gone(element));
}

export function startChannel() {
  onDeparture(() => {
    const trip = depart();
    return trip ?? { arrive: (ms) => say(label, `back in ${written(ms)}`) };
  });
}
