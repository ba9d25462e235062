// The core is compiled for the first event, and not before: a page's start does not wait for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Analytics, Collector, StreamClient, Streamer, Stride } from "sluicebox";

const endpoint = "http://127.0.0.1:9";

test("no client compiles the core before its first event", async (t) => {
  const compile = t.mock.method(WebAssembly, "Instance");
  const clients = [
    new Analytics({ writeKey: "wk", dataPlaneUrl: endpoint }),
    new Streamer({ accessKey: "ak", endpoint }),
    new StreamClient(endpoint),
    new Stride("key", { endpoint }),
  ];
  const collector = new Collector("key", { endpoint });
  collector.start();
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(clients.length, 4);
  assert.equal(compile.mock.callCount(), 0);
  collector.collect("s", { a: 1 });
  assert.equal(compile.mock.callCount(), 0, "not even for the call itself");
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(compile.mock.callCount(), 1);
  await collector.stop({ timeout: 1 });
});
