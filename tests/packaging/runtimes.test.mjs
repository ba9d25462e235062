// Each runtime with the package as npm installs it: a stream server of the package takes an event from a
// client of it, and what that server stored is delivered to one outside.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { deployed } from "../workers/deployed.mjs";
import { WORK } from "./setup.mjs";
import { consumer, row, versionOf } from "./support/consumer.mjs";
import { startDataPlane } from "./support/data_plane.mjs";

let plane;

before(async () => (plane = await startDataPlane()));
after(() => plane?.close());

/** Runs a program that is told where to send; nothing may be said, not even a warning. */
async function delivers(host, app, program, args) {
  const said = await app.run(program, [...args, host, plane.url]);
  assert.equal(said, "");
  assert.deepEqual(await plane.stored(host), ["Opened"]);
}

test("Node.js with import", async () => {
  await delivers("node-import", consumer("node"), "node", ["main.mjs"]);
  row("Node.js", process.versions.node, "`import`, client and server");
});

test("Node.js with require", async () => {
  await delivers("node-require", consumer("node"), "node", ["main.cjs"]);
  row("Node.js", process.versions.node, "`require`, client and server");
});

/** Deno without a permission asks for it, and with nobody to answer refuses. */
const DENO = ["run", "--no-prompt", "--no-lock"];

test("Deno with the network alone", async () => {
  const app = consumer("deno");
  await delivers("deno", app, "deno", [...DENO, "--allow-net", "main.mjs"]);
  row("Deno", versionOf("deno"), "`--allow-net`, client and server");
});

test("Deno without any permission imports and constructs", async () => {
  const said = await consumer("deno").run("deno", [...DENO, "nothing.mjs"]);
  assert.equal(said, "constructed\n");
  const result = "constructed";
  row("Deno", versionOf("deno"), "imported without any permission", { result });
});

test("Bun", async () => {
  await delivers("bun", consumer("bun"), "bun", ["main.mjs"]);
  row("Bun", versionOf("bun"), "client and server");
});

test("Cloudflare Workers, as `wrangler deploy` would upload it", async (t) => {
  consumer("workerd");
  const start = await deployed(`${WORK}/workerd`);
  const worker = await start();
  t.after(worker.close);
  const response = await fetch(`${worker.url}/?key=workerd&to=${plane.url}`);
  assert.equal(response.status, 200, worker.output());
  const { delivered, pending } = await response.json();
  assert.deepEqual([delivered, pending], [1, 0]);
  assert.deepEqual(await plane.stored("workerd"), ["Opened"]);
  assert.equal(worker.output(), "");
  row(
    "Cloudflare Workers",
    versionOf("workerd"),
    `\`wrangler deploy --dry-run\` (wrangler ${versionOf("wrangler")}), run in workerd; client and server`,
  );
});
