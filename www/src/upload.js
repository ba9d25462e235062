// @ts-check
// The activity file through the Collector.
import { activityLines } from "./activity.js";
import { collector } from "./clients.js";
import { grouped, byId, hook, make } from "./dom.js";
import { ask, fill } from "./query.js";
import { made } from "./trips.js";

/** Events handed over at once, and how long that may go on before the page gets its turn. */
const CHUNK = 250;
const SLICE_MS = 6;
const TIMEOUT_MS = 120_000;
const SAMPLE = "repo=quinn-rs/quinn";

const button = hook("upload");
const progress = hook("upload-progress");
const status = byId("upload-status");

const turn = () => new Promise((resolve) => setTimeout(resolve));

const note = (text) => status.replaceChildren(make("p", { class: "note" }, text));

async function handOver(lines) {
  let sliceEnds = performance.now() + SLICE_MS;
  for (let at = 0; at < lines.length; at += CHUNK) {
    const events = lines.slice(at, at + CHUNK).map((line) => JSON.parse(line));
    collector.collect("activity", events);
    made.events += events.length;
    if (performance.now() < sliceEnds) continue;
    await turn();
    sliceEnds = performance.now() + SLICE_MS;
  }
}

/** Draws what `count` says until it is told to stop. */
function follow(count) {
  let frame = 0;
  const draw = () => {
    progress.value = count();
    frame = requestAnimationFrame(draw);
  };
  draw();
  return () => {
    cancelAnimationFrame(frame);
    progress.value = count();
  };
}

function showDone(count, seconds, pending) {
  const rate = Math.round(count / seconds);
  const figure = (value, unit) => make("span", {}, make("b", {}, value), ` ${unit}`);
  const done = make(
    "p",
    {
      class: "figures",
      "data-testid": "upload-done",
      "data-count": String(count),
      "data-rate": String(rate),
    },
    figure(grouped(count), "events"),
    figure(seconds.toFixed(2), "seconds"),
    figure(grouped(rate), "a second"),
  );
  status.replaceChildren(done);
  if (pending > 0) {
    const waits = `${grouped(pending)} are still held, and go out when the server can be reached.`;
    status.append(make("p", { class: "note" }, waits));
  }
}

async function upload() {
  note("Fetching the file …");
  const lines = await activityLines();
  note("On their way …");
  collector.start();
  const before = collector.ledger().delivered;
  const delivered = () => Math.min(lines.length, collector.ledger().delivered - before);
  progress.max = lines.length;
  const stop = follow(delivered);
  try {
    const since = performance.now();
    await handOver(lines);
    const { pending } = await collector.flush({ timeout: TIMEOUT_MS });
    showDone(delivered(), (performance.now() - since) / 1000, pending);
  } finally {
    stop();
  }
  fill(SAMPLE);
  await ask();
}

export function startUpload() {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await upload();
    } catch (error) {
      note(`That did not work: ${/** @type {Error} */ (error).message}`);
    }
    button.disabled = false;
  });
}
