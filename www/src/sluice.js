// @ts-check
// The sluice: each event a grain that rolls from chamber to chamber, and a gate that closes while nothing
// can be sent. Beside it, the same in numbers and words.
import { byId, grouped, lessMotion, say, whileSeen } from "./dom.js";
import { Grains, MOST } from "./grains.js";
import { networkIsOn } from "./network.js";
import { nextRetry } from "./retries.js";
import { inWords, onChange } from "./state.js";

/** @type {("memory" | "stored" | "flying" | "delivered" | "lost")[]} the chambers, as the water runs */
const LANES = ["memory", "stored", "flying", "delivered", "lost"];
/** The gate is behind this chamber. */
const GATE = 1;
/** Each chamber lies lower than the one before it, by this part of the height. */
const STEP = 0.06;
const PAD = 7;
const GATE_MS = 220;
/** Pixels: the radius from which on grains are round, and shine. */
const [ROUND_FROM, SHINY_FROM] = [1.6, 3];
/** The label of the picture is for whoever asks, and need not follow each event. */
const LABEL_MS = 400;

const canvas = byId("sluice-picture");
const pen = canvas.getContext("2d");
const labels = LANES.map((lane) => byId(`lane-${lane}`));
const grains = new Grains();

const COLORS = {
  wood: "#c99a4a",
  dark: "#7d5c22",
  water: "#7dd0d6",
  waiting: "#f4c65e",
  adopted: "#fff3d6",
  delivered: "#63d8c8",
  lost: "#ff9478",
};

/** @type {import("./grains.js").Chamber[]} */
let chambers = [];
let [width, height] = [0, 0];
let now = { blocked: false, pending: 0 };
let adopted = 0;
/** How far the gate is closed, from 0 to 1, and where from and since when it moves. */
let gate = { closed: 0, from: 0, since: 0 };
let isSeen = false;
let isDrawing = false;

/** Chambers stand above their labels. */
function fit() {
  const ratio = Math.min(3, devicePixelRatio || 1);
  [width, height] = [canvas.clientWidth, canvas.clientHeight];
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  const { left } = canvas.getBoundingClientRect();
  chambers = labels.map((label, at) => {
    const box = label.parentElement.getBoundingClientRect();
    const step = STEP * height;
    return {
      left: box.left - left + PAD,
      right: box.right - left - PAD,
      top: 14 + at * step,
      floor: height - 8 - (LANES.length - 1 - at) * step,
    };
  });
  grains.resize(chambers);
  wake();
}

function drawWater(time) {
  const runs = now.pending > 0 && !now.blocked && !lessMotion.matches;
  chambers.forEach(({ left, right, top, floor }, at) => {
    const [x, wide] = [left - PAD, right - left + 2 * PAD];
    const surface = top + 12;
    const fill = pen.createLinearGradient(0, surface, 0, floor);
    fill.addColorStop(0, at === 4 ? "#ff947812" : "#7dd0d61c");
    fill.addColorStop(1, at === 4 ? "#ff947830" : "#7dd0d64d");
    pen.fillStyle = fill;
    pen.fillRect(x, surface, wide, floor - surface);
    pen.strokeStyle = at === 4 ? "#ff947866" : "#bfeef080";
    pen.lineWidth = 1.4;
    pen.beginPath();
    for (let step = 0; step <= 24; step += 1) {
      const along = step / 24;
      const wave = Math.sin(along * 9 + at * 2 - (runs ? time / 260 : 0)) * 1.7;
      pen.lineTo(x + along * wide, surface + wave);
    }
    pen.stroke();
  });
}

function board(x, top, bottom, wide = 6) {
  pen.fillStyle = COLORS.wood;
  pen.beginPath();
  pen.roundRect(x - wide / 2, top, wide, bottom - top, 2);
  pen.fill();
}

function drawWood(time) {
  chambers.forEach(({ left, right, floor }, at) => {
    pen.fillStyle = COLORS.wood;
    pen.fillRect(left - PAD, floor, right - left + 2 * PAD, 3);
    const next = chambers[at + 1];
    if (!next) return;
    const riffle = floor - (at === 3 ? (floor - next.top) * 0.55 : 12);
    board(right + PAD, riffle, next.floor + 3);
  });
  const part = Math.min(1, (time - gate.since) / (lessMotion.matches ? 1 : GATE_MS));
  gate.closed = gate.from + ((now.blocked ? 1 : 0) - gate.from) * part;
  const { right, floor, top } = chambers[GATE];
  const x = right + PAD;
  const rest = top - 4;
  const bottom = rest + 12 + (floor - rest - 12) * gate.closed;
  // Two posts, and the board between them.
  pen.fillStyle = COLORS.dark;
  pen.fillRect(x - 7, rest - 6, 3, floor - rest + 6);
  pen.fillRect(x + 4, rest - 6, 3, floor - rest + 6);
  board(x, rest - 6, bottom, 9);
}

/** What is left of the wait before the next attempt, as a ring on the gate. */
function drawWait() {
  const wait = nextRetry();
  if (!now.blocked || now.pending === 0) return;
  const { right, top, floor } = chambers[GATE];
  const [x, y] = [right + PAD, (top + floor) / 2];
  pen.fillStyle = "#04252c";
  pen.strokeStyle = COLORS.wood;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(x, y, 13, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
  if (wait) {
    pen.strokeStyle = COLORS.waiting;
    pen.lineWidth = 4;
    pen.beginPath();
    pen.arc(x, y, 8.5, -Math.PI / 2, -Math.PI / 2 + wait.part * 2 * Math.PI);
    pen.stroke();
    return;
  }
  pen.strokeStyle = networkIsOn() ? COLORS.waiting : COLORS.lost;
  pen.lineWidth = 2.4;
  pen.beginPath();
  pen.moveTo(x - 4.5, y - 4.5);
  pen.lineTo(x + 4.5, y + 4.5);
  pen.moveTo(x + 4.5, y - 4.5);
  pen.lineTo(x - 4.5, y + 4.5);
  pen.stroke();
}

const colorOf = ({ lane, takes, hops, adopted: isAdopted }) => {
  if (lane === 4) return "lost";
  if (lane === 3 && (takes === 0 || hops === 0)) return isAdopted ? "adopted" : "delivered";
  return isAdopted ? "adopted" : "waiting";
};

function drawGrains() {
  const radius = Math.max(0.9, grains.pitch * 0.43);
  const all = grains.lanes.flat();
  for (const color of /** @type {const} */ (["waiting", "adopted", "delivered", "lost"])) {
    const some = all.filter((grain) => colorOf(grain) === color);
    pen.fillStyle = COLORS[color];
    // Of so small a grain nobody sees the corners, and thousands of rounds take their time.
    if (radius < ROUND_FROM) {
      for (const { x, y } of some) pen.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
      continue;
    }
    pen.beginPath();
    for (const { x, y } of some) {
      pen.moveTo(x + radius, y);
      pen.arc(x, y, radius, 0, 2 * Math.PI);
    }
    pen.fill();
    if (radius < SHINY_FROM) continue;
    pen.fillStyle = "#ffffff70";
    pen.beginPath();
    for (const { x, y } of some) {
      pen.moveTo(x, y - radius * 0.35);
      pen.arc(x - radius * 0.28, y - radius * 0.35, radius * 0.3, 0, 2 * Math.PI);
    }
    pen.fill();
  }
}

function draw() {
  const time = performance.now();
  pen.clearRect(0, 0, width, height);
  grains.step(time);
  drawWater(time);
  drawGrains();
  drawWood(time);
  drawWait();
  const moves = time < Math.max(grains.restsAt, gate.since + GATE_MS) + 50;
  if (isSeen && (moves || now.pending > 0)) requestAnimationFrame(draw);
  else isDrawing = false;
}

function wake() {
  if (isDrawing || width === 0) return;
  isDrawing = true;
  requestAnimationFrame(draw);
}

let labelAt = 0;

/** @param {import("./state.js").Snapshot} snapshot */
function take(snapshot) {
  const time = performance.now();
  LANES.forEach((lane, at) => say(labels[at], grouped(snapshot[lane])));
  if (snapshot.blocked !== now.blocked) gate = { ...gate, from: gate.closed, since: time };
  now = snapshot;
  const fresh = snapshot.adopted - adopted;
  adopted = snapshot.adopted;
  grains.isStill = lessMotion.matches || !isSeen;
  grains.settle(
    LANES.map((lane) => snapshot[lane]),
    fresh,
    time,
  );
  const each = grains.each;
  const cut =
    snapshot.delivered > MOST * each ? `, the newest ${grouped(MOST * each)} delivered` : "";
  say(byId("grain"), `a grain is ${each === 1 ? "an event" : `${grouped(each)} events`}${cut}`);
  clearTimeout(labelAt);
  labelAt = window.setTimeout(() => {
    canvas.setAttribute("aria-label", `The sluice: ${inWords(snapshot)}`);
  }, LABEL_MS);
  wake();
}

export function startSluice() {
  new ResizeObserver(fit).observe(canvas);
  fit();
  whileSeen(canvas, (seen) => {
    isSeen = seen;
    wake();
  });
  onChange(take);
}
