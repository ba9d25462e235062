// npx sluicebox send

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { createServer, memory } from "sluicebox/server";
import { serve } from "sluicebox/node";
import { at } from "../../pkg/scripts/lib.mjs";
import { run as runIn, start, until } from "../server/command.mjs";
import { noTerminal, onTerminal } from "./terminal.mjs";

const CLI = at("pkg/dist/cli.js");
const folder = mkdtempSync(join(tmpdir(), "sluicebox-send-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args) => runIn(folder, args);
const numbers = (from, count) => Array.from({ length: count }, (_, n) => ({ n: from + n }));
const ndjson = (events) => events.map((event) => `${JSON.stringify(event)}\n`).join("");

/** A server in this process. Requests wait for `gate`; what `lost` gives is answered in place of the answer. */
async function startServer(t, { gate, lost, ...options } = {}) {
  const server = createServer({ store: memory(), ...options });
  const fetch = async (request, ...more) => {
    await gate;
    const response = await server.fetch(request, ...more);
    return lost?.() || response;
  };
  const { url, close } = await serve({ fetch }, { port: 0 });
  t.after(async () => {
    await server.close();
    await close();
  });
  /** All events of a stream, oldest first. */
  const events = async (stream) => {
    const pages = [];
    for (let start = 0; ; start += 10_000) {
      const page = await server.items({ stream, start, end: start + 10_000 });
      pages.unshift(page.reverse());
      if (page.length < 10_000) return pages.flat();
    }
  };
  return { url, events };
}

/** The numbers of the last line: what became of the events. */
function ledgerOf(stdout) {
  const words =
    /^([\d,]+) events?: ([\d,]+) delivered, ([\d,]+) rejected, ([\d,]+) not delivered, ([\d,]+) bad lines?, [\d.]+ s \([\d,]+\/s\)\n$/;
  const found = words.exec(stdout);
  assert.ok(found, `no ledger: ${stdout}`);
  const [taken, delivered, rejected, undelivered, bad] = found
    .slice(1)
    .map((text) => Number(text.replaceAll(",", "")));
  return { taken, delivered, rejected, undelivered, bad };
}

/** The first events of a stream, as the lines that the server sends. */
async function storedLines(url, stream, count) {
  const answer = await fetch(`${url}/v1/collect/${stream}/subscribe?after=nobody-knows`);
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.trim());
    if (lines.length >= count) return lines.map((line) => line.trim());
  }
  throw new Error(`ended early: ${text}`);
}

const all = (count) => ({ taken: count, delivered: count, rejected: 0, undelivered: 0, bad: 0 });

test("lines of files are events of a stream, in their order, each with an id of its own", async (t) => {
  const server = await startServer(t);
  writeFileSync(join(folder, "one.ndjson"), ndjson(numbers(0, 2500)));
  // Packed, with the other line end, a blank line, a byte order mark, and no line end at the end.
  const two = `\ufeff${ndjson(numbers(2500, 10)).replaceAll("\n", "\r\n")}\r\n{"n":2510,"text":"é ☃ 𝄞"}`;
  writeFileSync(join(folder, "two.ndjson.gz"), gzipSync(two));
  const { code, stdout, stderr } = await run(
    "send",
    server.url,
    "files",
    "one.ndjson",
    "two.ndjson.gz",
  ).ended;
  assert.equal(stderr, "");
  assert.deepEqual(ledgerOf(stdout), all(2511));
  assert.equal(code, 0);
  const events = await server.events("files");
  assert.deepEqual(
    events.map(({ n }) => n),
    numbers(0, 2511).map(({ n }) => n),
  );
  assert.equal(events.at(-1).text, "é ☃ 𝄞");
  assert.equal(new Set(events.map(({ $id }) => $id)).size, 2511);
});

test("stdin is read where no file is named, into the stream default; the key may be in the environment", async (t) => {
  const server = await startServer(t, { apiKeys: { "the-writer": "write" } });
  process.env.SLUICEBOX_KEY = "the-writer";
  const sending = run("send", `${server.url}/v1/`);
  delete process.env.SLUICEBOX_KEY;
  sending.child.stdin.end('{"$id":"mine","a":1}\n{"$id":"mine","a":1}\n{"a":2}\n');
  const { code, stdout } = await sending.ended;
  assert.deepEqual(ledgerOf(stdout), all(3));
  assert.equal(code, 0);
  const events = await server.events("default");
  assert.deepEqual(
    events.map(({ a }) => a),
    [1, 2],
    "an id is stored once",
  );
});

const BAD = '{"n":0}\nnope\n\n[1]\nnull\n{"n":1}\n';

test("a bad line is told with its number, the others are sent, and the exit code is 1", async (t) => {
  const server = await startServer(t);
  writeFileSync(
    join(folder, "bad.ndjson"),
    `${BAD}{"long":"${"x".repeat(4 * 1024 * 1024)}"}\n{"n":2}`,
  );
  const { code, stdout, stderr } = await run("send", server.url, "bad", "bad.ndjson").ended;
  const lines = stderr.trim().split("\n");
  assert.match(lines[0], /^sluicebox: bad\.ndjson, line 2: no JSON: /);
  assert.equal(lines[1], "sluicebox: bad.ndjson, line 4: no JSON object");
  assert.equal(lines[2], "sluicebox: bad.ndjson, line 5: no JSON object");
  assert.equal(lines[3], "sluicebox: bad.ndjson, line 7: a line of more than 4,194,304 characters");
  assert.deepEqual(ledgerOf(stdout), { ...all(3), bad: 4 });
  assert.equal(code, 1);
  const events = await server.events("bad");
  assert.deepEqual(
    events.map(({ n }) => n),
    [0, 1, 2],
  );
});

test("a line is sent as it is written: digits, escapes, order and spaces", async (t) => {
  const server = await startServer(t);
  const sending = run("send", server.url, "digits");
  const lines = [
    '{"$id":"a","id":9007199254740993,"ratio":1.0,"small":1e-400}',
    '{ "$id" : 12345678901234567890, "2":"\\u00e9", "1": [ 12345678901234567890 ] }',
    '{"nested":{"id":-9007199254740993},"$id":"c","quoted":"\\"12345678901234567890\\""}',
  ];
  sending.child.stdin.end([...lines, '{"own":18446744073709551615}', "{ }"].join("\r\n"));
  const { code, stdout, stderr } = await sending.ended;
  assert.equal(stderr, "");
  assert.deepEqual(ledgerOf(stdout), all(5));
  assert.equal(code, 0);
  const stored = await storedLines(server.url, "digits", 5);
  for (const [at, line] of lines.entries()) {
    const members = line.slice(1, -1).trim();
    assert.ok(stored[at].includes(members), `${stored[at]} has not ${members}`);
  }
  assert.match(stored[3], /"own":18446744073709551615/);
  for (const text of stored.slice(3)) assert.match(JSON.parse(text).$id, /^[-0-9a-f]{36}$/);
});

test("the same file again is the same events where its lines have ids, and new ones where not", async (t) => {
  const server = await startServer(t);
  writeFileSync(join(folder, "ids.ndjson"), '{"$id":"a","n":1}\n{"$id":"b","n":2}\n');
  writeFileSync(join(folder, "no_ids.ndjson"), '{"n":1}\n{"n":1}\n');
  for (const name of ["ids", "no_ids"]) {
    for (let round = 0; round < 2; round++) {
      const { code, stdout } = await run("send", server.url, name, `${name}.ndjson`).ended;
      assert.deepEqual(ledgerOf(stdout), all(2));
      assert.equal(code, 0);
    }
  }
  assert.equal((await server.events("ids")).length, 2);
  assert.equal((await server.events("no_ids")).length, 4);
});

test("--strict stops at the first bad line, and delivers what came before", async (t) => {
  const server = await startServer(t);
  const sending = run("send", server.url, "strict", "--strict");
  sending.child.stdin.end(BAD);
  const { code, stdout, stderr } = await sending.ended;
  assert.match(stderr, /line 2: no JSON.*\n.*\(--strict\)\n$/);
  assert.deepEqual(ledgerOf(stdout), { ...all(1), bad: 1 });
  assert.equal(code, 1);
  assert.deepEqual(
    (await server.events("strict")).map(({ n }) => n),
    [0],
  );
});

test("a server that is killed and started again has each event once, in order", async () => {
  const args = ["--store", "sqlite:send.db"];
  let server = await start(args, { folder });
  const { port, url } = server;
  const sending = run("send", url, "numbers");
  const { stdin } = sending.child;
  stdin.write(ndjson(numbers(0, 6000)));
  const count = async () => {
    const answer = await fetch(`${url}/v1/collect/numbers`).catch(() => {});
    return answer?.ok;
  };
  await until(count, "the first events are there");
  await server.end("SIGKILL");
  stdin.end(ndjson(numbers(6000, 6000)));
  await until(() => sending.said.stderr.includes("cannot be reached"), "it is missed");
  server = await start(args, { folder, port });
  const { code, stdout, stderr } = await sending.ended;
  assert.match(stderr, /^sluicebox: \S+ cannot be reached \(\w+\), trying again\n/);
  assert.match(stderr, /the server answers again\n$/);
  assert.deepEqual(ledgerOf(stdout), all(12_000));
  assert.equal(code, 0);
  const answer = await fetch(`${url}/v1/collect/numbers/subscribe?after=nobody-knows`);
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.split("\n").filter((line) => line.trim()).length >= 12_000 && text.endsWith("\n"))
      break;
  }
  await server.end("SIGTERM");
  const stored = text.split("\n").filter((line) => line.trim());
  assert.deepEqual(
    stored.map((line) => JSON.parse(line).n),
    numbers(0, 12_000).map(({ n }) => n),
  );
});

test("what is sent again because its answer was lost is stored once", async (t) => {
  let answers = 0;
  const lost = () => answers++ < 2 && new Response("{}", { status: 503 });
  const server = await startServer(t, { lost });
  const sending = run("send", server.url, "again");
  sending.child.stdin.end(ndjson(numbers(0, 1500)));
  const { code, stdout, stderr } = await sending.ended;
  assert.match(stderr, /answers with status 503, trying again\n.*the server answers again\n$/);
  assert.deepEqual(ledgerOf(stdout), all(1500));
  assert.equal(code, 0);
  const events = await server.events("again");
  assert.deepEqual(
    events.map(({ n }) => n),
    numbers(0, 1500).map(({ n }) => n),
  );
});

test("it reads no more than it holds while the server takes nothing", async (t) => {
  let open;
  const gate = new Promise((resolve) => (open = resolve));
  const server = await startServer(t, { gate });
  const sending = run("send", server.url, "bounded");
  const { stdin } = sending.child;
  const line = `${JSON.stringify({ filler: "x".repeat(2000) })}\n`;
  const total = 30_000;
  let written = 0;
  const write = async () => {
    for (; written < total; written++) {
      if (!stdin.write(line)) await new Promise((resolve) => stdin.once("drain", resolve));
    }
    stdin.end();
  };
  const writing = write();
  // All would be read long before the first request has no answer for so long that this is told.
  await until(() => sending.said.stderr.includes("trying again"), "the server is missed");
  const held = () => written * line.length;
  // But on a busy machine not even what it may hold.
  await until(() => held() > 10e6, "it reads what it may hold");
  const looks = [];
  await until(async () => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    return looks.unshift(held()) > 3 && looks[0] === looks[3];
  }, "it reads no more");
  assert.ok(held() < 20e6, `${held()} bytes are held`);
  open();
  await writing;
  const { code, stdout } = await sending.ended;
  assert.deepEqual(ledgerOf(stdout), all(total));
  assert.equal(code, 0);
});

test("--rate is the most events a second", async (t) => {
  const server = await startServer(t);
  const sending = run("send", server.url, "slowly", "--rate", "50");
  sending.child.stdin.end(ndjson(numbers(0, 31)));
  const { stdout } = await sending.ended;
  assert.deepEqual(ledgerOf(stdout), all(31));
  const [, seconds] = /([\d.]+) s \(/.exec(stdout);
  assert.ok(seconds >= 0.6, `31 events in ${seconds} s`);
});

test("Ctrl-C reads no more and delivers what is held", async (t) => {
  const server = await startServer(t);
  const sending = run("send", server.url, "ended", "--rate", "200");
  sending.child.stdin.on("error", () => {});
  sending.child.stdin.write(ndjson(numbers(0, 5000)));
  await until(async () => (await server.events("ended")).length > 0, "the first events");
  sending.child.kill("SIGINT");
  const { code, stdout, stderr } = await sending.ended;
  assert.match(stderr, /what is held \([\d,]+ events?\) is delivered now/);
  assert.equal(code, 130);
  const { taken } = ledgerOf(stdout);
  assert.deepEqual(ledgerOf(stdout), all(taken));
  assert.deepEqual(
    (await server.events("ended")).map(({ n }) => n),
    numbers(0, taken).map(({ n }) => n),
  );
});

test("what the server refuses is told in its words and counted", async (t) => {
  const server = await startServer(t, { maxBodyBytes: 10_000 });
  const sending = run("send", server.url, "large");
  sending.child.stdin.end(`{"a":1}\n{"b":"${"x".repeat(20_000)}"}\n`);
  const { code, stdout, stderr } = await sending.ended;
  assert.match(stderr, /^sluicebox: 1 event: payload_too_large: .+\n$/);
  const { delivered, rejected } = ledgerOf(stdout);
  assert.deepEqual([delivered, rejected, code], [1, 1, 1]);
});

test("a key that may not write ends it at once, and is not shown", async (t) => {
  const server = await startServer(t, { apiKeys: { reader: "read" } });
  for (const key of ["hush-hush", "reader"]) {
    const sending = run("send", server.url, "refused", "--key", key);
    // Nobody ends the input.
    sending.child.stdin.on("error", () => {});
    sending.child.stdin.write(ndjson(numbers(0, 10)));
    const { code, stdout, stderr } = await sending.ended;
    assert.match(stderr, /^sluicebox: the server does not let this --key write: .+\n$/);
    assert.doesNotMatch(stderr + stdout, new RegExp(key));
    assert.equal(code, 1);
    assert.equal(ledgerOf(stdout).rejected, 10);
  }
});

test("a server that is not there is given up after --timeout", async () => {
  // Long enough that a busy machine has tried once before.
  const sending = run("send", "http://127.0.0.1:1", "--timeout", "5");
  sending.child.stdin.end('{"a":1}\n');
  const { code, stdout, stderr } = await sending.ended;
  assert.match(
    stderr,
    /^sluicebox: http:\/\/127\.0\.0\.1:1\/v1 cannot be reached \(\w+\), trying again\n/,
  );
  assert.match(stderr, /took nothing for 5 s/);
  assert.deepEqual(ledgerOf(stdout), { ...all(1), delivered: 0, undelivered: 1 });
  assert.equal(code, 1);
});

test("a wrong argument is one sentence that names it, and exit code 2", async () => {
  writeFileSync(join(folder, "there.ndjson"), "{}\n");
  const cases = [
    [[], /URL of the server is missing; see sluicebox send --help/],
    [["http://host", "no-name"], /STREAM must be a letter, then .*, not "no-name"/],
    [["http://host", "name", "not-there.ndjson"], /"not-there\.ndjson" cannot be read: ENOENT/],
    [["http://host", "name", "there.ndjson", "."], /"\." is a folder/],
    [["http://host", "name", "--rate", "0"], /--rate must be a number from 0.001, not "0"/],
    [["http://host", "name", "--rate", "-5"], /--rate/],
    [["http://host", "name", "--timeout", "soon"], /--timeout must be a number from 1, not "soon"/],
    [["http://host", "name", "--batch", "5"], /'--batch'; see sluicebox send --help/],
  ];
  for (const [args, words] of cases) {
    const { code, stdout, stderr } = await run("send", ...args).ended;
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, words);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
    assert.equal(stdout, "");
  }
});

test("on a terminal a line shows how far it is", { skip: noTerminal }, async (t) => {
  const server = await startServer(t);
  const file = join(folder, "shown.ndjson");
  // Three seconds, so that a busy machine draws the line several times too.
  writeFileSync(file, ndjson(numbers(0, 300)));
  const sending = onTerminal(t, [
    process.execPath,
    CLI,
    "send",
    server.url,
    "shown",
    file,
    "--rate",
    "100",
  ]);
  const { code, text } = await sending.ended;
  const looks = text.split("\r\x1b[K").filter((look) => look.includes(" waiting"));
  assert.ok(looks.length > 2, text);
  for (const look of looks) {
    assert.match(look, /^ *\d+% [█░]{20}  \d+ sent  \d+\/s  \d.* k?B  \d+ waiting  0 rejected/);
    assert.ok(look.length < 100, "narrower than the terminal");
  }
  assert.match(text, /\r\x1b\[K300 events: 300 delivered, [^\r]+\r\n$/);
  assert.equal(code, 0);
});
