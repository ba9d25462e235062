// @segment/analytics-node 3.1.0, which RudderStack's API is compatible with, and our Analytics.

import { Analytics as Original } from "@segment/analytics-node";
import { differential, outcome } from "./differential.mjs";
import { dated, ours, view } from "./rudderstack.mjs";
import { scenarios } from "./rudderstack.scenarios.mjs";
import { differences } from "./segment-node.differences.mjs";

async function original({ calls }, url) {
  const client = new Original({ writeKey: "wk", host: url, path: "/v1/batch" });
  const results = [];
  for (const [name, members] of calls) {
    const { timestamp, ...more } = dated(members);
    if (timestamp) more.timestamp = new Date(timestamp);
    results.push(await outcome(() => void client[name](more)));
  }
  await client.closeAndFlush();
  return { results, told: [] };
}

// What becomes of refused events is between each client and its own server.
const about = scenarios.filter(({ attempts, sizes }) => !attempts && !sizes);

differential({
  title: "Segment Node.js",
  scenarios: about,
  original,
  ours,
  view: (run, scenario) =>
    view({ ...run, told: run.told.map(({ message }) => ({ message })) }, scenario),
  differences,
});
