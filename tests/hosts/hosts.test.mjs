// The clients in every runtime they are for: the same calls, the same outcomes, the same requests.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { at, attempt } from "../../pkg/scripts/lib.mjs";
import { answer } from "./answers.mjs";
import { startRecorder } from "./recorder.mjs";
import { bun, DENO, HANG_MS, RUNTIMES } from "./runtimes.mjs";
import { comparable } from "./same.mjs";

let recorder;

before(async () => {
  recorder = await startRecorder(answer);
});

after(() => recorder.close());

const runOf = (runtime) => runtime.replace(/\W+/g, "-");
const [reference] = Object.keys(RUNTIMES);

for (const [runtime, exercised] of Object.entries(RUNTIMES)) {
  test(`${runtime}: every call comes out as it should`, async () => {
    const transcript = await exercised(recorder.base(runOf(runtime)));
    assert.ok(transcript.length > 30, `${transcript.length} steps`);
    const wrong = transcript.filter(({ got, expected }) => !same(got, expected));
    assert.deepEqual(
      wrong.map(({ name, got }) => ({ name, got })),
      wrong.map(({ name, expected }) => ({ name, got: expected })),
    );
  });

  test(`${runtime}: the server sees what ${reference} sends`, () => {
    const [seen, expected] = [runtime, reference].map((name) =>
      comparable(recorder.requests(runOf(name))),
    );
    assert.ok(seen.length > 20, `${seen.length} requests`);
    assert.deepEqual(seen, expected);
  });

  test(`${runtime}: events name the kind of client they come from`, () => {
    const events = recorder
      .requests(runOf(runtime))
      .flatMap(({ body }) => body.batch ?? [])
      .map(({ channel }) => channel);
    assert.deepEqual([...new Set(events)], [runtime === "Chromium" ? "web" : "server"]);
  });
}

function same(a, b) {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds: a connection that is kept for another request holds a process for four seconds. */
const SOON = 3_500;

const PROGRAMS = { "Node.js": ["node"], Deno: DENO, Bun: [bun] };

for (const [runtime, command] of Object.entries(PROGRAMS)) {
  test(`${runtime}: importing needs no permission and leaves nothing open`, async () => {
    const { code, output } = await process(command, "nothing.mjs");
    assert.deepEqual([code, output], [0, ""]);
  });

  test(`${runtime}: a process ends soon after close()`, async () => {
    const run = `once-${runtime}`;
    const { code, output, at } = await process(
      networked(runtime, command),
      "once.mjs",
      recorder.base(run),
    );
    assert.equal(code, 0, output);
    const said = JSON.parse(output);
    assert.equal(said.delivered, 1);
    assert.ok(at - said.at < SOON, `${at - said.at} ms`);
    assert.equal(recorder.requests(run).length, 1);
  });

  test(`${runtime}: a process ends when its subscriptions have, whatever was on its way`, async () => {
    const server = await startFlood();
    try {
      const { code, output, at } = await process(
        networked(runtime, command),
        "aborted.mjs",
        server.base,
        "200",
      );
      assert.equal(code, 0, output);
      assert.ok(at - JSON.parse(output).at < SOON, output);
    } finally {
      server.close();
    }
  });
}

function networked(runtime, [program, ...args]) {
  return [program, ...args, ...(runtime === "Deno" ? ["--allow-net=127.0.0.1"] : [])];
}

/** Sends an event each millisecond to whoever listens. */
async function startFlood() {
  const server = createServer((request, response) => {
    let n = 0;
    const timer = setInterval(() => response.write(`{"$id":"${++n}","n":${n}}\r\n`), 1);
    response.once("close", () => clearInterval(timer));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    base: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function process([program, ...args], file, ...more) {
  const script = at(`tests/hosts/run/${file}`);
  const result = await attempt(program, [...args, script, ...more], { timeout: HANG_MS });
  return { ...result, at: Date.now() };
}
