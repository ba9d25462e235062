// A server of its own for a test: on a free port of this machine, with a folder that goes with it.

import { spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Another process may take a port between the moment it was free and the moment it is used. */
const TRIES = 5;

/** A new folder; `owner` ({ uid, gid }) is who may write to it. */
export function temporaryFolder(name, owner) {
  const folder = mkdtempSync(join(tmpdir(), `sluicebox-${name}-`));
  if (owner) chownSync(folder, owner.uid, owner.gid);
  return folder;
}

/**
 * Starts `program` with `args(port)` and waits for a line that says `ready`. Resolves to
 * { port, stop, crash }; `stop` ends it and removes the folder, `crash` kills it and resolves when it
 * is ready again on the same port.
 */
export async function startService(program, { args, ready, folder, owner, signal }) {
  let error;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = await freePort();
    let running = start(program, args(port), { folder, owner, signal });
    const again = async () => {
      await running.stop("SIGKILL");
      // What it left may be held by its children until they have seen that it is gone.
      for (let last = 0; ; last += 1) {
        running = start(program, args(port), { folder, owner, signal });
        try {
          return await running.says(ready);
        } catch (problem) {
          await running.stop();
          if (last === 200) throw problem;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    };
    try {
      await running.says(ready);
      return { port, stop: () => running.stop().then(() => remove(folder)), crash: again };
    } catch (problem) {
      error = problem;
      await running.stop();
      if (!/in use|could not bind/i.test(problem.message)) break;
    }
  }
  remove(folder);
  throw error;
}

const remove = (folder) => rmSync(folder, { recursive: true, force: true });

function start(program, args, { folder, owner, signal }) {
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], ...owner });
  // The end of a test that failed is the end of what it started.
  const kill = (other) => child.kill(typeof other === "string" ? other : signal);
  process.once("exit", kill);
  let output = "";
  let check = () => {};
  for (const from of [child.stdout, child.stderr]) {
    from.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
      check();
    });
  }
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(`it ended with ${code}`));
  });
  return {
    says: (pattern) =>
      new Promise((resolve, reject) => {
        check = () => pattern.test(output) && resolve();
        check();
        ended.then((why) => reject(new Error(`${program}: ${why}\n${output}`)));
      }),
    stop: async (other) => {
      process.off("exit", kill);
      kill(other);
      await ended;
    },
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
