// Every block of commands, by a shell in an empty folder.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { test } from "node:test";
import { at, attempt, toolEnv } from "../../pkg/scripts/lib.mjs";
import { eventually, freePort } from "../e2e/app.mjs";
import { blocks, local } from "./blocks.mjs";
import { startServer } from "./server.mjs";

const FOLDER = "tests/artifacts/docs/shell";
rmSync(at(FOLDER), { recursive: true, force: true });

const hasCurl = (await attempt("curl", ["--version"])).code === 0;

for (const block of blocks("shell")) {
  const skip = block.source.includes("curl ") && !hasCurl && "there is no curl on this machine";
  test(block.name, { skip }, async () => {
    const server = await startServer();
    const isServer = block.source.includes("sluicebox serve");
    const port = isServer ? await freePort() : server.port;
    const folder = at(`${FOLDER}/${block.name.replace(/\W+/g, "-")}`);
    mkdirSync(folder, { recursive: true });
    for (const each of ["Signed Up", "Signed Up", "Ordered"]) {
      await server.insert({ event: each, userId: "u1" });
    }
    // npm links the command of a workspace only if it was built when npm installed.
    const npx = `${process.execPath} ${at("pkg/dist/cli.js")}`;
    const commands = local(block.source, server.url, port).replaceAll("npx sluicebox", npx);
    const child = spawn("bash", ["-euo", "pipefail", "-c", commands], {
      cwd: folder,
      env: toolEnv(),
      detached: true,
    });
    let output = "";
    let code;
    for (const from of [child.stdout, child.stderr]) {
      from.setEncoding("utf8").on("data", (chunk) => (output += chunk));
    }
    const ended = new Promise((resolve) => {
      child.on("close", (own, signal) => resolve((code = own ?? signal)));
    });
    try {
      if (isServer) {
        const listens = () => code !== undefined || output.includes("events are kept in");
        await eventually("the server listens", listens, 60_000);
        assert.equal(code, undefined, output);
        assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
      } else if (/subscribe/.test(block.source)) {
        // It follows for ever; one event is enough to see that it does.
        const hears = async () => {
          await server.insert({ event: "Signed Up" });
          return code !== undefined || output.includes("Signed Up");
        };
        await eventually("an event comes live", hears);
        assert.equal(code, undefined, output);
      } else {
        assert.equal(await ended, 0, output);
        // AwesomeStream's answers are 200 whatever they say.
        assert.doesNotMatch(output, /"error":"/);
      }
    } finally {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It is gone already.
      }
      await ended;
      await server.close();
    }
  });
}
