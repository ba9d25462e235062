// Ends many live streams while events come: a process must be free to end after it.
import { StreamClient } from "sluicebox";

const [base, times] = globalThis.Deno?.args ?? process.argv.slice(2);
const client = new StreamClient(`${base}/stream`);

async function once(nth) {
  let left = 1 + (nth % 4);
  const events = await client.subscribe();
  for await (const { n } of events) {
    if (n === undefined) throw new Error("an event without its number");
    // It ends here; the next ones begin a moment later, so that they do not end in step.
    if (--left === 0) return new Promise((resolve) => setTimeout(resolve, (nth % 10) / 4));
  }
}

for (let nth = 0; nth < times; nth += 10) {
  await Promise.all(Array.from({ length: 10 }, (_, at) => once(nth + at)));
}
console.log(JSON.stringify({ at: Date.now() }));
