// examples/node-collector: killed in the middle and started again, it loses nothing and doubles nothing.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../e2e/app.mjs";
import { folderOf, startServer, temporary } from "./places.mjs";

const LINES = 2000;

function start(folder, url) {
  const child = spawn(process.execPath, [`${folderOf("node-collector")}/index.js`], {
    cwd: folder,
    env: { ...process.env, EVENTS_URL: `${url}/v1` },
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => (errors += chunk));
  child.stdin.on("error", () => {});
  const ended = new Promise((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, errors }));
  });
  const feed = (from, to) => {
    for (let n = from; n < to; n += 1) child.stdin.write(`line ${n}\n`);
  };
  return { child, feed, ended };
}

const numbers = (items) => items.map(({ line }) => Number(line.slice(5))).sort((a, b) => a - b);
const all = Array.from({ length: LINES }, (_, n) => n);

/** Whether the file has the event, delivered or not. */
const isStored = (folder, n) => {
  try {
    return readFileSync(join(folder, "undelivered.log"), "latin1").includes(`"line ${n}"`);
  } catch {
    return false;
  }
};

test("killed while the server takes its events, it goes on: nothing is lost, nothing twice", async (t) => {
  const server = await startServer();
  t.after(server.close);
  const folder = temporary(t);
  const first = start(folder, server.url);
  t.after(() => first.child.kill("SIGKILL"));
  first.feed(0, LINES / 4);
  await eventually("the first events arrive", async () => (await server.items()).length > 0);
  // From here on nothing is delivered, and the file is all there is.
  server.goAway();
  first.feed(LINES / 4, LINES / 2);
  await eventually("the last line is stored", () => isStored(folder, LINES / 2 - 1));
  first.child.kill("SIGKILL");
  assert.equal((await first.ended).signal, "SIGKILL");
  assert.ok((await server.items()).length < LINES / 2);

  server.comeBack();
  const second = start(folder, server.url);
  t.after(() => second.child.kill("SIGKILL"));
  second.feed(LINES / 2, LINES);
  await eventually("all lines arrive", async () => (await server.items()).length >= LINES);
  second.child.stdin.end();
  assert.deepEqual(await second.ended, { code: 0, signal: null, errors: "" });
  assert.deepEqual(numbers(await server.items()), all);
});
