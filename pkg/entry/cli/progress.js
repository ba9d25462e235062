// What `send` tells while it goes on: a line that is written anew on a terminal, and notices between.

/** Milliseconds between two looks of the line. */
const EVERY = 100;
/** Milliseconds of which the rate is the mean. */
const WINDOW = 3000;
const CELLS = 20;

const UNITS = ["B", "kB", "MB", "GB", "TB"];
export function bytes(count) {
  let unit = 0;
  for (; count >= 999.5 && unit < UNITS.length - 1; unit++) count /= 1000;
  return `${unit && count < 99.95 ? count.toFixed(1) : Math.round(count)} ${UNITS[unit]}`;
}

export const count = (number) => Math.round(number).toLocaleString("en-US");

export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** `share`: of 1, where it is known. */
export function line({ share, delivered, rate, read, waiting, rejected, bad }, columns) {
  const parts = [];
  if (share !== undefined) {
    const full = Math.min(Math.floor(share * CELLS), CELLS);
    const percent = String(Math.min(Math.floor(share * 100), 100)).padStart(3);
    parts.push(`${percent}% ${"█".repeat(full)}${"░".repeat(CELLS - full)}`);
  }
  parts.push(`${count(delivered)} sent`, `${count(rate)}/s`, bytes(read));
  parts.push(`${count(waiting)} waiting`, `${count(rejected)} rejected`);
  if (bad) parts.push(`${count(bad)} bad lines`);
  return parts.join("  ").slice(0, columns - 1);
}

export class Progress {
  #look;
  #timer;
  #seen = [];

  /** `look()` gives what `line` shows, but for the rate. */
  constructor(look) {
    this.#look = look;
    if (process.stderr.isTTY) this.#timer = setInterval(() => this.#draw(), EVERY);
  }

  #draw() {
    const state = this.#look();
    const now = performance.now();
    this.#seen.push([now, state.delivered]);
    while (now - this.#seen[0][0] > WINDOW) this.#seen.shift();
    const [since, before] = this.#seen[0];
    const rate = now > since ? ((state.delivered - before) * 1000) / (now - since) : 0;
    process.stderr.write(`\r\x1b[K${line({ ...state, rate }, process.stderr.columns || 80)}`);
  }

  /** A sentence that stays. */
  tell(sentence) {
    process.stderr.write(`${this.#timer ? "\r\x1b[K" : ""}sluicebox: ${sentence}\n`);
  }

  end() {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    process.stderr.write("\r\x1b[K");
  }
}
