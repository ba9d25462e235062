// rudder-sdk-python 2.1.9, rudder-sdk-node 3.0.13 and Segment's analytics-node 3.1.0, unmodified,
// send to our server.

import { setTimeout as sleep } from "node:timers/promises";
import Rudder from "@rudderstack/rudder-sdk-node";
import { Analytics as Segment } from "@segment/analytics-node";
import { runPython } from "./differential.mjs";
import { dated } from "./rudderstack.mjs";
import { serves } from "./serve-rudderstack.mjs";

const withDates = ({ timestamp, ...members }) => ({
  ...dated(members),
  ...(timestamp && { timestamp: new Date(timestamp) }),
});

async function python(url, calls) {
  const { results, told } = await runPython("rudderstack", { url, calls, options: {} });
  const failed = results.flatMap(({ error }) => error ?? []);
  return [...failed, ...told.map(({ message }) => message)];
}

async function node(url, calls) {
  const told = [];
  const errorHandler = ({ message }) => told.push(message);
  const client = new Rudder("wk", { dataPlaneUrl: url, logLevel: "none", errorHandler });
  let waiting = calls.length;
  for (const [name, members] of calls) client[name](withDates(members), () => waiting--);
  // One flush sends one batch, and several wait for the one before.
  while (waiting > 0) {
    await client.flush().catch(() => {});
    await sleep(5);
  }
  return told;
}

async function segment(url, calls) {
  const client = new Segment({ writeKey: "wk", host: url, path: "/v1/batch" });
  const told = [];
  client.on("error", ({ reason }) => told.push(reason?.message ?? String(reason)));
  for (const [name, members] of calls) client[name](withDates(members));
  await client.closeAndFlush();
  return told;
}

serves("Python", python, {
  traitsInContext: true,
  refusal: "[rudderstack] unknown: invalid write key\n (401)",
});
serves("Node.js", node, { refusal: "Request failed with status code 401" });
serves("Segment", segment, { refusal: "[401] Unauthorized" });
