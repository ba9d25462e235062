// What every store must keep, whatever is behind it, as named cases that go through a server. Runs
// in every runtime: it imports nothing but the package and `node:assert/strict`.

import { createServer } from "sluicebox/server";
import { dates } from "./contract/dates.mjs";
import { lives } from "./contract/live.mjs";
import { queries } from "./contract/queries.mjs";
import { random } from "./contract/random.mjs";
import { streams } from "./contract/streams.mjs";
import { texts } from "./contract/texts.mjs";
import { writes } from "./contract/writes.mjs";

/** Each is { name, isShared, run(open) }; `isShared` is what only a store for several servers can. */
export const cases = [...queries, ...texts, ...dates, ...writes, ...streams, ...lives, ...random];

/**
 * Runs one case over one store, empty at first: `storeOf({ keys })` gives the same one each time.
 * Rejects when the store does not keep what it must.
 */
export async function runCase({ run }, storeOf) {
  const servers = [];
  const open = ({ keys, ...options }) => {
    const server = createServer({ store: storeOf({ keys }), ...options });
    servers.push(server);
    return server;
  };
  try {
    await run(open);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}
