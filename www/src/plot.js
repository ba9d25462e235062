// Events per second of the last minute: accepted here, and seen coming back.
import { ledger } from "./clients.js";
import { seenSoFar } from "./feed.js";

const SECONDS = 60;
const STEPS = [1, 10, 100, 1_000, 10_000];
const canvas = document.querySelector('[data-testid="rate-plot"]');

/** One { at, accepted, seen } a second; differences are what is drawn. */
const samples = [];

const sample = () => {
  samples.push({ at: performance.now(), accepted: ledger().accepted, seen: seenSoFar() });
  if (samples.length > SECONDS + 3) samples.shift();
};

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

/** light-dark() is resolved only where it is used. */
function resolved(name) {
  const probe = document.createElement("i");
  probe.style.color = color(name);
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

let colors;
const readColors = () => {
  colors = {
    in: resolved("--gold-fill"),
    out: resolved("--river"),
    line: resolved("--line"),
    text: resolved("--soft"),
  };
};

function draw() {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);

  const rates = samples.slice(1).map((now, index) => {
    const before = samples[index];
    const seconds = (now.at - before.at) / 1000;
    return {
      at: now.at,
      in: (now.accepted - before.accepted) / seconds,
      out: (now.seen - before.seen) / seconds,
    };
  });
  const most = Math.max(10, ...rates.flatMap((rate) => [rate.in, rate.out]));
  const left = 44;
  const bottom = height - 8;
  // Clicks and uploads in one picture need a logarithm.
  const y = (rate) =>
    bottom - ((bottom - 12) * Math.log1p(Math.max(0, rate))) / Math.log1p(most * 1.3);
  const now = performance.now();
  const x = (at) => width - ((now - at - 1000) / 1000) * ((width - left) / SECONDS);

  pen.font = "12px ui-monospace, monospace";
  pen.textBaseline = "middle";
  pen.lineWidth = 1;
  for (const step of STEPS.filter((step) => step <= most * 1.3)) {
    pen.strokeStyle = colors.line;
    pen.fillStyle = colors.text;
    pen.beginPath();
    pen.moveTo(left, y(step) + 0.5);
    pen.lineTo(width, y(step) + 0.5);
    pen.stroke();
    pen.fillText(step >= 1000 ? `${step / 1000}k` : `${step}`, 4, y(step));
  }
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, width - left, height);
  pen.clip();
  for (const name of ["in", "out"]) {
    pen.beginPath();
    for (const rate of rates) pen.lineTo(x(rate.at), y(rate[name]));
    pen.strokeStyle = colors[name];
    pen.lineWidth = 2.5;
    pen.lineJoin = "round";
    pen.stroke();
    if (name === "out" && rates.length > 0) {
      pen.lineTo(x(rates.at(-1).at), bottom);
      pen.lineTo(x(rates[0].at), bottom);
      pen.globalAlpha = 0.14;
      pen.fillStyle = colors.out;
      pen.fill();
      pen.globalAlpha = 1;
    }
  }
  pen.restore();
}

export function startPlot() {
  sample();
  readColors();
  setInterval(sample, 1000);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColors);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let drawn = 0;
  const frame = (at) => {
    // Ten pictures a second look like moving; one is enough for who asked for less.
    if (at - drawn >= (still.matches ? 1000 : 100)) {
      drawn = at;
      draw();
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
