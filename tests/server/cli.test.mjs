// The command line: what it says, and how it ends.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../pkg/dist/cli.js", import.meta.url));

function sluicebox(...args) {
  const child = spawn(process.execPath, [CLI, ...args]);
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk) => (said.out += chunk));
  child.stderr.on("data", (chunk) => (said.err += chunk));
  const ended = new Promise((resolve) =>
    child.on("close", (code, signal) => resolve({ ...said, code, signal })),
  );
  return { child, said, ended };
}

test("a wrong argument is one sentence that names it, and exit code 2", async () => {
  const busy = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => busy.once("listening", resolve));
  const taken = String(busy.address().port);
  for (const [args, sentence] of [
    [["sing"], /"sing"/],
    [["serve", "twice"], /"twice"/],
    [["serve", "--nope"], /--nope/],
    [["serve", "--port", "80x"], /--port.*80x/],
    [["serve", "--port", "65536"], /--port.*65536/],
    [["serve", "--port"], /--port/],
    [["serve", "--store", "sqlite:x.db"], /--store.*sqlite:x\.db/],
    [["serve", "--key", "k:owner"], /--key/],
    [["serve", "--keys", "start"], /--keys/],
    [["serve", "--host", "0.0.0.0"], /--host 0\.0\.0\.0.*--key/],
    [["serve", "--port", taken], new RegExp(`--port ${taken} is in use`)],
  ]) {
    const { code, out, err } = await sluicebox(...args).ended;
    assert.equal(code, 2, `${args}: ${err}`);
    assert.equal(out, "");
    assert.match(err, sentence);
    assert.equal(err.trim().split("\n").length, 1, err);
  }
  busy.close();
});

test("help and version are said", async () => {
  const help = await sluicebox("--help").ended;
  assert.equal(help.code, 0);
  for (const option of ["--port", "--host", "--store", "--keys", "--key", "--cors"]) {
    assert.ok(help.out.includes(option), option);
  }
  assert.match((await sluicebox("--version").ended).out, /^\d+\.\d+\.\d+\n$/);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`it serves until ${signal}`, async () => {
    const args = ["--port", "0", "--keys", "user", "--key", "k:write", "--key", "r", "--cors", "*"];
    const { child, said, ended } = sluicebox("serve", ...args);
    while (!said.out.includes("\n")) await new Promise((resolve) => setTimeout(resolve, 10));
    const [url] = said.out.match(/http:\S+/);
    assert.equal((await fetch(`${url}/v1/collect`)).status, 401);
    const headers = { authorization: `Basic ${btoa("r:")}` };
    const live = await fetch(`${url}/subscribe`, { headers });
    assert.equal(live.status, 200);
    child.kill(signal);
    assert.equal(await live.text(), "");
    const { code, err } = await ended;
    assert.deepEqual([code, err], [0, ""]);
  });
}

test("without a key it says so", async () => {
  const { child, said, ended } = sluicebox("serve", "--port", "0");
  while (!said.out.includes("no --key")) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.match(said.out, /http:\/\/127\.0\.0\.1:\d+/);
  child.kill();
  await ended;
});
