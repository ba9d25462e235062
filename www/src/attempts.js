// @ts-check
// The last attempts to send: a bar for each, as high as the pause before it was long.
import { byId, grouped, make, say } from "./dom.js";
import { attempts, requests } from "./network.js";

const DRAW_MS = 200;
/** Milliseconds of the pause that fills the picture; what is longer looks the same. */
const HIGHEST = 8_000;
const LEAST = 0.08;

const picture = byId("attempts-picture");
let shown = "";

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

function draw() {
  const key = attempts.map(({ at, fate }) => at + fate).join();
  if (key === shown) return;
  shown = key;
  const pauses = attempts.map(({ at }, index) => (index ? at - attempts[index - 1].at : 0));
  picture.replaceChildren(
    ...attempts.map(({ fate }, index) => {
      const bar = make("i", { "data-attempt": fate });
      // A root, so that a quarter of a second can be told from two.
      const high = Math.max(LEAST, Math.sqrt(Math.min(1, pauses[index] / HIGHEST)));
      bar.style.setProperty("--high", String(high));
      return bar;
    }),
  );
  const inARow = [...attempts].reverse().findIndex(({ fate }) => fate !== "failed");
  const failures = inARow < 0 ? attempts.length : inARow;
  const last = failures > 0 ? `, the last ${grouped(failures)} in a row failed` : "";
  const pause = failures > 1 ? `, the last after ${seconds(pauses[pauses.length - 1])}` : "";
  picture.setAttribute("aria-label", `${attempts.length} attempts${last}${pause}`);
  say(byId("attempts"), `${grouped(requests.sent)} attempts, ${grouped(requests.failed)} failed`);
}

export const startAttempts = () => setInterval(draw, DRAW_MS);
