// examples/worker-durable-object: what was answered 202 arrives, whatever happens to server and Worker.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../e2e/app.mjs";
import { deployed } from "../workers/deployed.mjs";
import { startServer, temporary } from "./places.mjs";

test("events that the server did not take are delivered after a restart", async (t) => {
  const server = await startServer();
  t.after(server.close);
  const start = await deployed("examples/worker-durable-object");
  const persist = temporary(t);
  const vars = { EVENTS_URL: `${server.url}/v1` };
  const send = async ({ url }, event) => {
    const response = await fetch(url, { method: "POST", body: JSON.stringify(event) });
    assert.equal(response.status, 202);
  };
  const orders = async () => (await server.items()).map(({ order }) => order).sort();

  let worker = await start({ vars, persist });
  t.after(() => worker.close());
  await send(worker, { order: 1 });
  await eventually("the first order", async () => (await orders()).length === 1);

  server.goAway();
  await Promise.all([2, 3, 4].map((order) => send(worker, { order })));
  await worker.close();
  assert.deepEqual(await orders(), [1]);

  server.comeBack();
  worker = await start({ vars, persist });
  await send(worker, { order: 5 });
  await eventually("all orders", async () => (await orders()).length >= 5, 60_000);
  assert.deepEqual(await orders(), [1, 2, 3, 4, 5]);
  assert.equal(worker.output(), "");
});
