// Every block for Node.js, run as a reader would: a file of its own in an empty folder.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { transformSync } from "esbuild";
import { at, toolEnv } from "../../pkg/scripts/lib.mjs";
import { eventually, freePort } from "../e2e/app.mjs";
import { DENO } from "../hosts/runtimes.mjs";
import { startPostgres } from "../stores/postgres.mjs";
import { startRedis } from "../stores/redis.mjs";
import { blocks, local } from "./blocks.mjs";
import { arrived, feed, follows, startServer } from "./server.mjs";

const FOLDER = "tests/artifacts/docs/node";
rmSync(at(FOLDER), { recursive: true, force: true });

/** Databases that a text names by these addresses; each is started when first named. */
const DATABASES = {
  "postgres://user:password@localhost/events": startPostgres,
  "redis://localhost:6379": startRedis,
};
const running = new Map();
after(() => Promise.all([...running.values()].map((database) => database.then((it) => it.stop()))));

async function withDatabases(source) {
  for (const [address, start] of Object.entries(DATABASES)) {
    if (!source.includes(address)) continue;
    if (!running.has(address)) running.set(address, start());
    source = source.replaceAll(address, (await running.get(address)).url);
  }
  return source;
}

const hasSqlite = await import("node:sqlite").then(
  () => true,
  () => false,
);

/** node:sqlite came with Node.js 22.5; older ones leave these blocks to Deno. */
const command = (source) =>
  source.includes('"node:sqlite"') && !hasSqlite ? [...DENO, "--allow-all"] : [process.execPath];

for (const block of blocks("node")) {
  test(block.name, async () => {
    const server = await startServer();
    const isServer = /\bserve\(/.test(block.source);
    const port = isServer ? await freePort() : server.port;
    const folder = at(`${FOLDER}/${block.name.replace(/\W+/g, "-")}`);
    mkdirSync(folder, { recursive: true });
    const source = await withDatabases(local(block.source, server.url, port));
    const loader = block.language === "ts" ? "ts" : "js";
    writeFileSync(`${folder}/block.mjs`, transformSync(source, { loader }).code);
    const [program, ...args] = command(source);
    const child = spawn(program, [...args, "block.mjs"], { cwd: folder, env: toolEnv() });
    let [output, errors, code] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk) => (output += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk) => (errors += chunk));
    const ended = new Promise((resolve) =>
      child.on("close", (own, signal) => resolve((code = own ?? signal))),
    );
    try {
      const isOver = () => code !== undefined;
      if (isServer) {
        const answers = () =>
          fetch(`http://127.0.0.1:${port}/healthz`).then(({ ok }) => ok, isOver);
        await eventually("the server answers", answers, 60_000);
        assert.equal(code, undefined, errors);
      } else if (follows(source)) {
        await feed(server, source, () => isOver() || output);
      } else {
        await ended;
      }
      if (isOver()) assert.equal(code, 0, errors);
      if (block.output) assert.equal(output.replaceAll("\r", "").trimEnd(), block.output);
      if (!source.includes("sluicebox/server")) await arrived(server, block.source);
      assert.equal(errors.replace(/^.*ExperimentalWarning.*\n.*\n/gm, ""), "");
    } catch (error) {
      error.message += `\n${output}${errors}`;
      throw error;
    } finally {
      child.kill("SIGKILL");
      await ended;
      await server.close();
    }
  });
}
