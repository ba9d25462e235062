// A Worker that tracks what it serves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../node/live.mjs";
import { answer } from "../hosts/answers.mjs";
import { startRecorder } from "../hosts/recorder.mjs";
import { deployed } from "./deployed.mjs";

test("a Worker answers at once, and each request's event arrives once", async () => {
  const recorder = await startRecorder(answer);
  const start = await deployed("www/workers/tracker");
  const worker = await start({ vars: { DATA_PLANE_URL: recorder.base("slow-tracker") } });
  const events = () => recorder.requests("slow-tracker").flatMap(({ body }) => body.batch);
  try {
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
    const answers = await Promise.all(paths.map((path) => fetch(worker.url + path)));
    assert.ok(answers.every(({ status }) => status === 200));
    const arrived = () => new Map(events().map((event) => [event.messageId, event]));
    await eventually("an event of each request", () => arrived().size >= paths.length);
    const seen = [...arrived().values()].map(({ properties }) => properties.path);
    assert.deepEqual(seen.sort(), paths.sort());
    assert.equal(worker.output(), "");
  } finally {
    await worker.close();
    await recorder.close();
  }
});
