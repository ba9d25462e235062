// @ts-check
// Events per second of the last minute: accepted here upwards, seen in the live feed downwards.
import { ledger } from "./clients.js";
import { byId, grouped, hook, lessMotion, say, whileSeen } from "./dom.js";
import { seenSoFar } from "./feed.js";

const SECONDS = 60;
const TICKS = [1, 10, 100, 1_000, 10_000, 100_000];
/** Least rate that fills the picture, so that three clicks look like three clicks. */
const LEAST_MOST = 20;
/** Pixels: the height of a text. */
const TEXT = 11;
/** Smooth enough for a drift of some pixels a second. */
const FRAME_MS = 1000 / 30;

const canvas = hook("rate-plot");
const pen = canvas.getContext("2d");

/** @type {{ at: number, seconds: number, in: number, out: number }[]} the last minute's seconds */
let bars = [];
let last = { at: 0, accepted: 0, seen: 0 };
let peak = 0;
let scale = LEAST_MOST;
let visible = false;
let drawnAt = 0;
let colors = readColors();

const count = () => ({ at: performance.now(), accepted: ledger().accepted, seen: seenSoFar() });

function since(before, now) {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const rate = (difference) => difference / Math.max(1, seconds);
  return {
    at: now.at,
    seconds,
    in: rate(now.accepted - before.accepted),
    out: rate(now.seen - before.seen),
  };
}

function sample() {
  const now = count();
  const bar = since(last, now);
  last = now;
  bars.push(bar);
  bars = bars.filter(({ at }) => now.at - at < (SECONDS + 2) * 1000);
  peak = Math.max(peak, bar.in);
  scale = Math.max(LEAST_MOST, ...bars.flatMap((one) => [one.in, one.out])) * 1.25;
  say(byId("rate-in"), grouped(bar.in));
  say(byId("rate-out"), grouped(bar.out));
  say(byId("rate-peak"), grouped(peak));
  drawnAt = 0;
}

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return { in: read("--gold"), out: read("--water"), line: read("--line"), text: read("--soft") };
}

/** Canvas pixels are screen pixels. */
function fit() {
  const ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { width, height };
}

function draw() {
  const { width, height } = fit();
  const left = 40;
  const middle = Math.round(height / 2);
  const room = middle - 8;
  const tall = (rate) => (room * Math.log1p(Math.max(0, rate))) / Math.log1p(scale);
  const unit = (width - left) / SECONDS;

  pen.font = `${TEXT}px ui-monospace, monospace`;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  const rule = (y, text) => {
    pen.fillStyle = colors.line;
    pen.fillRect(left, Math.round(y), width - left, 1);
    pen.fillStyle = colors.text;
    pen.fillText(text, left - 8, Math.round(y));
  };
  rule(middle, "0");
  // A line as close to the middle as its text is high says nothing.
  const ticks = TICKS.filter((tick) => tick <= scale && tall(tick) >= TEXT);
  for (const tick of ticks) {
    const text = tick >= 1000 ? `${tick / 1000}k` : String(tick);
    rule(middle - tall(tick), text);
    rule(middle + tall(tick), text);
  }

  pen.save();
  pen.beginPath();
  pen.rect(left, 0, width - left, height);
  pen.clip();
  const now = count();
  const growing = lessMotion.matches ? [] : [since(last, now)];
  for (const bar of [...bars, ...growing]) {
    const x = width - ((now.at - bar.at) / 1000 + bar.seconds) * unit;
    const wide = Math.max(1, bar.seconds * unit - 1.5);
    pen.fillStyle = colors.in;
    if (bar.in > 0) pen.fillRect(x, middle - tall(bar.in), wide, tall(bar.in));
    pen.fillStyle = colors.out;
    if (bar.out > 0) pen.fillRect(x, middle + 1, wide, tall(bar.out));
  }
  pen.restore();
}

/** Nothing to be seen moving. */
const isStill = () => bars.every((bar) => bar.in === 0 && bar.out === 0);

function frame(time) {
  if (!visible) return;
  const pause = lessMotion.matches || isStill() ? 1000 : FRAME_MS;
  if (drawnAt === 0 || time - drawnAt >= pause - 2) {
    drawnAt = time;
    draw();
  }
  requestAnimationFrame(frame);
}

export function startPlot() {
  last = count();
  setInterval(sample, 1000);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    colors = readColors();
    drawnAt = 0;
  });
  new ResizeObserver(() => draw()).observe(canvas);
  whileSeen(canvas, (seen) => {
    const wakes = seen && !visible;
    visible = seen;
    if (wakes) requestAnimationFrame(frame);
  });
}
