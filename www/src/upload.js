// The whole activity file through the Collector.
import { collector } from "./clients.js";
import { ask } from "./query.js";

/** Events handed over in one go; between two, the page may draw. */
const CHUNK = 2_000;

const button = document.querySelector('[data-testid="upload"]');
const progress = document.querySelector('[data-testid="upload-progress"]');
const status = document.getElementById("upload-status");

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

/** A host may have unpacked the file on its way: the first bytes tell. */
async function lines() {
  const response = await fetch("activity.ndjson.gz");
  if (!response.ok) throw new Error(`the file could not be loaded: status ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const stream = new Blob([bytes]).stream();
  const text = await new Response(
    packed ? stream.pipeThrough(new DecompressionStream("gzip")) : stream,
  ).text();
  return text.trimEnd().split("\n");
}

async function upload() {
  const events = (await lines()).map((line) => JSON.parse(line));
  const before = collector.ledger().delivered;
  const delivered = () => collector.ledger().delivered - before;
  progress.max = events.length;
  progress.value = 0;
  const drawing = setInterval(() => {
    progress.value = delivered();
  }, 50);
  const since = performance.now();
  collector.start();
  for (let at = 0; at < events.length; at += CHUNK) {
    collector.collect("activity", events.slice(at, at + CHUNK));
    await nextTask();
  }
  const { pending } = await collector.flush({ timeout: 120_000 });
  const seconds = (performance.now() - since) / 1000;
  clearInterval(drawing);
  progress.value = delivered();
  const rate = Math.round(delivered() / seconds);
  const said = document.createElement("span");
  said.dataset.testid = "upload-done";
  said.dataset.count = delivered();
  said.dataset.rate = rate;
  const strong = document.createElement("strong");
  strong.textContent = `${rate.toLocaleString("en")} a second`;
  const left = pending > 0 ? `, ${pending} still on their way` : "";
  said.append(
    `${delivered().toLocaleString("en")} events in ${seconds.toFixed(2)} s: `,
    strong,
    `${left}.`,
  );
  status.replaceChildren(said);
  await ask();
}

export function startUpload() {
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "On their way …";
    try {
      await upload();
    } catch (error) {
      status.textContent = error.message;
    }
    button.disabled = false;
  });
}
