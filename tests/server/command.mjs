// `sluicebox serve` as a process of its own, and what is sent to it.

import { spawn } from "node:child_process";
import { StreamClient } from "sluicebox";
import { at } from "../../pkg/scripts/lib.mjs";

/** Runs `sluicebox`. Gives { child, ended, said }. */
export function run(folder, args, file = at("pkg/dist/cli.js")) {
  const child = spawn(process.execPath, [file, ...args], { cwd: folder });
  // The end of a test that failed is the end of what it started.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (chunk) => (said[name] += chunk));
  }
  const ended = new Promise((resolve) =>
    child.on("close", (code, signal) => {
      process.off("exit", kill);
      resolve({ code, signal, ...said });
    }),
  );
  return { child, ended, said };
}

/** Starts a server; resolves to { url, port, said, end } when it takes requests. */
export async function start(args, { folder, port = 0 }) {
  const { child, ended, said } = run(folder, ["serve", "--port", String(port), ...args]);
  const url = await new Promise((resolve, reject) => {
    child.stdout.on("data", () => {
      const [, found] = /listens on (\S+)\n.* kept in /.exec(said.stdout) ?? [];
      if (found) resolve(found);
    });
    ended.then(({ code, stderr }) => reject(new Error(`it ended with ${code}: ${stderr}`)));
  });
  const end = (signal) => {
    child.kill(signal);
    return ended;
  };
  return { url, port: Number(new URL(url).port), said, end };
}

/** What hangs must fail and say so; what is only slow, on a machine that is busy, must not. */
const HANGS = 60_000;

/** Resolves when `condition()` does to something true. */
export async function until(condition, what, most = HANGS) {
  const since = performance.now();
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() - since > most) throw new Error(`not within ${most} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * Sends one request after another on several connections, each with some events of its own ids,
 * until `stop()`. What was answered 200 is in `acknowledged`, what was answered otherwise in
 * `refused`, what was not answered in `unanswered`.
 */
export function load(url, stream, name) {
  const acknowledged = [];
  const refused = [];
  const unanswered = [];
  let isOver = false;
  let next = 0;
  const sender = async () => {
    while (!isOver) {
      const ids = Array.from({ length: 5 }, () => `${name}-${(next += 1)}`);
      const body = JSON.stringify(ids.map(($id) => ({ $id, stream })));
      try {
        const response = await fetch(`${url}/v1/collect/${stream}`, { method: "POST", body });
        await response.arrayBuffer();
        (response.ok ? acknowledged : refused).push(...ids);
      } catch {
        unanswered.push(...ids);
      }
    }
  };
  const done = Promise.all(Array.from({ length: 8 }, sender));
  return { acknowledged, refused, unanswered, stop: () => ((isOver = true), done) };
}

/** The ids of all events that `load` sent to a stream, as pages give them. */
export async function idsByItems(url, stream) {
  const ids = [];
  for (let start = 0; ; start += 10_000) {
    const page = await new StreamClient(url).items({ start, end: start + 10_000 });
    ids.push(...page.filter((event) => event.stream === stream).map(({ $id }) => $id));
    if (page.length < 10_000) return ids;
  }
}

/** The ids of so many events of a stream, as a subscriber gets them from the beginning on. */
export async function idsBySubscription(url, stream, count) {
  // A place that nobody knows is before everything.
  const response = await fetch(`${url}/v1/collect/${stream}/subscribe?after=nobody-knows`);
  const decoder = new TextDecoder();
  const ids = [];
  let text = "";
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\r\n");
    text = lines.pop();
    ids.push(...lines.filter(Boolean).map((line) => JSON.parse(line).$id));
    if (ids.length >= count) break;
  }
  return ids;
}
