// rudder-sdk-node 3.0.13 and our Analytics.

import { setTimeout as sleep } from "node:timers/promises";
import Original from "@rudderstack/rudder-sdk-node";
import { differential, outcome } from "./differential.mjs";
import { ATTEMPTS, dated, ours, view } from "./rudderstack.mjs";
import { scenarios } from "./rudderstack.scenarios.mjs";
import { differences } from "./rudderstack-node.differences.mjs";

async function original({ calls }, url) {
  const told = [];
  const client = new Original("wk", {
    dataPlaneUrl: url,
    retryCount: ATTEMPTS - 1,
    logLevel: "none",
    errorHandler: ({ message }) => told.push({ message }),
  });
  const results = [];
  let waiting = 0;
  for (const [name, members] of calls) {
    const { timestamp, ...more } = dated(members);
    if (timestamp) more.timestamp = new Date(timestamp);
    waiting++;
    const given = await outcome(() => void client[name](more, () => waiting--));
    if (given.error) waiting--;
    results.push(given);
  }
  // One flush sends one batch, and several wait for the one before.
  while (waiting > 0) {
    await client.flush();
    await sleep(5);
  }
  return { results, told };
}

differential({
  title: "RudderStack Node.js",
  scenarios,
  original,
  ours,
  view: (run, scenario) => {
    // Their handler is not told of the events.
    const told = run.told.map(({ message }) => ({ message }));
    return view({ ...run, told }, scenario);
  },
  differences,
});
