import { createInterface } from "node:readline";
import { Collector } from "sluicebox";
import { fileStore } from "sluicebox/node";

const collector = new Collector(process.env.EVENTS_KEY ?? "key", {
  endpoint: process.env.EVENTS_URL ?? "http://localhost:8080/v1",
  storage: fileStore("undelivered.log"),
  onError: (error, events) => console.error(error.code, error.message, events.length),
});
collector.start();

for await (const line of createInterface({ input: process.stdin })) {
  collector.collect("lines", { line });
}

const { pending } = await collector.stop();
if (pending > 0) console.error(`${pending} events wait in undelivered.log for the next start`);
