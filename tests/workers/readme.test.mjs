// The Workers that stand in README files.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { StreamClient } from "sluicebox";
import { at } from "../../pkg/scripts/lib.mjs";
import { startMiniflare } from "../hosts/miniflare.mjs";

test("the Worker over D1 keeps events of all streams", async () => {
  const readme = readFileSync(at("www/workers/README.md"), "utf8");
  const [[, source], ...more] = readme.matchAll(/```js\n([^`]*d1\([^`]*)```/g);
  assert.equal(more.length, 0);
  const worker = await startMiniflare({ source }, { d1Databases: ["DB"] });
  try {
    const client = new StreamClient(worker.url);
    const live = await client.subscribe();
    await fetch(`${worker.url}/v1/collect/clicks`, { method: "POST", body: '{"event":"a"}' });
    await client.insert({ event: "b" });
    const names = [(await live.next()).value.event, (await live.next()).value.event];
    assert.deepEqual(names, ["a", "b"]);
    live.close();
    const found = await client.items({ where: { event: ["a", "b"] } });
    assert.deepEqual(
      found.map(({ event }) => event),
      ["b", "a"],
    );
    assert.equal(worker.output(), "");
  } finally {
    await worker.close();
  }
});
