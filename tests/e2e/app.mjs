// Starts the app as a user does.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { root } from "../../pkg/scripts/lib.mjs";

/** The first start builds everything; a second one takes about a second. */
const START_TIMEOUT_MS = 10 * 60_000;

/** Below those that a system gives to whoever asks for any: nobody gets one of these by chance. */
const [FIRST_PORT, PORTS] = [20_000, 12_000];

/** A port that nobody listens on, and that nobody is given meanwhile, for who comes later or goes and comes back. */
export async function freePort() {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
}

const isFree = (port) =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", (error) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

/** `npm start` on this port: resolves to { url, output(), stop() } when it says where it listens. */
export function startApp(port) {
  const child = spawn(
    "npm",
    ["start", "--", "--port", String(port), "--no-open", "--store", "memory"],
    {
      cwd: root,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const ended = new Promise((resolve) => {
    child.once("close", (code, name) => resolve(code ?? name));
  });
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // It is gone already.
    }
  };
  /** As Ctrl-C does: to npm and all below it. Resolves to the exit code or signal. */
  const stop = async () => {
    signal("SIGINT");
    const last = setTimeout(() => signal("SIGKILL"), 30_000);
    const code = await ended;
    clearTimeout(last);
    return code;
  };
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      signal("SIGKILL");
      reject(new Error(`npm start did not get ready:\n${output}`));
    }, START_TIMEOUT_MS);
    const read = (chunk) => {
      output += chunk;
      const url = /^ {2}(http:\/\/\S+)$/m.exec(output)?.[1];
      if (!url) return;
      clearTimeout(late);
      resolve({ url, output: () => output, stop });
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    ended.then((code) => {
      clearTimeout(late);
      reject(new Error(`npm start ended with ${code}:\n${output}`));
    });
  });
}

/** The server's own answer, past all of our code in the page. */
export async function items(url, where = {}, end = 50) {
  const request = { id: "1", method: "items", args: [], kwargs: { start: 0, end, ...where } };
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  const { result, error } = await response.json();
  if (error) throw new Error(`items: ${JSON.stringify(error)}`);
  return result;
}

/** Asks until the answer is true, at most `timeout`, which is only against hanging; then fails with `what`. */
export async function eventually(what, ask, timeout = 30_000) {
  const until = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > until) throw new Error(`not within ${timeout} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
