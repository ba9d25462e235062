// How requests are made and answers are taken: bodies that are compressed, answers that do not end.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { Analytics, Collector } from "sluicebox";
import { base, requests } from "./recorder.mjs";

test("a body is the same compressed, whatever of its events is shared", async () => {
  const bodies = [];
  for (const compression of ["gzip", "none"]) {
    const options = { writeKey: "wk", dataPlaneUrl: base, compression, flushInterval: 60_000 };
    const client = new Analytics(options);
    for (let index = 0; index < 60; index++) {
      // What is shared changes, comes back, and is longer than deflate looks back.
      const context = { note: ["a", "b", "c".repeat(40_000)][Math.floor(index / 7) % 3] };
      client.track(
        `event ${index}`,
        { text: "Žluťoučký kůň – 東京 🦄 \u0001", index },
        { context },
      );
    }
    await client.close();
    const [{ gzip, body }, ...more] = requests.splice(0);
    assert.equal(gzip, compression === "gzip");
    const batch = [body, ...more.map((request) => request.body)].flatMap((all) => all.batch);
    bodies.push(
      batch.map(({ messageId, originalTimestamp, anonymousId, ...rest }) => {
        assert.ok(messageId && originalTimestamp && anonymousId);
        return rest;
      }),
    );
  }
  assert.equal(bodies[0].length, 60);
  assert.deepEqual(bodies[0], bodies[1]);
});

test("a good answer counts when its headers are there, and is not waited for longer", async () => {
  const open = new Set();
  const endless = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200).write("and");
      open.add(response);
      response.on("close", () => open.delete(response));
    });
  });
  await new Promise((resolve) => endless.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${endless.address().port}/v1`;
  const client = new Collector("key", { endpoint, flushInterval: 0, timeout: 60_000 });
  client.start();
  client.collect("s", { a: 1 });
  const { delivered } = await client.flush({ timeout: 30_000 });
  assert.equal(delivered, 1);
  assert.equal(open.size, 1, "the answer had not ended");
  // Nor does it hold the connection for ever.
  while (open.size) await new Promise((resolve) => setTimeout(resolve, 20));
  await client.stop();
  endless.close();
});
