// npx sluicebox tail

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Analytics, Collector, Streamer } from "sluicebox";
import { at } from "../../pkg/scripts/lib.mjs";
import { run as runIn, start, until } from "../server/command.mjs";
import { noTerminal, onTerminal } from "./terminal.mjs";

const CLI = at("pkg/dist/cli.js");
const folder = mkdtempSync(join(tmpdir(), "sluicebox-tail-"));
let server;

before(async () => {
  const keys = ["--key", "reader:read", "--key", "writer:write", "--key", "all:admin"];
  server = await start(["--store", "memory", "--keys", "kind,user", ...keys], { folder });
});
after(async () => {
  await server.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args) => runIn(folder, args);
const tail = (...args) => run("tail", server.url, "--key", "reader", ...args);
const lines = (text) => text.trim().split("\n").filter(Boolean);

/** Stores events of a stream of Stride. */
async function store(stream, events, url = server.url) {
  const headers = { authorization: `Basic ${btoa("all:")}` };
  const body = JSON.stringify(events);
  const answer = await fetch(`${url}/v1/collect/${stream}`, { method: "POST", headers, body });
  assert.equal(answer.status, 200);
}

/** Stores events until the first of them has come: from then on the tail is there. */
async function following(stream, tail, url) {
  await until(async () => {
    await store(stream, { probe: true }, url);
    return tail.said.stdout.includes("probe");
  }, "the tail follows");
}

/** The events that are no probes. */
const eventsOf = (text) =>
  lines(text)
    .map((line) => JSON.parse(line))
    .filter((event) => !event.probe);

test("in a pipe each event is a line of JSON, from the event on that --after names", async () => {
  const events = [1, 2, 3].map((n) => ({ $id: `piped-${n}`, n, text: "a\nb" }));
  await store("piped", events);
  const following = tail("piped", "--after", "piped-1");
  await until(() => lines(following.said.stdout).length === 2, "two events");
  following.child.kill("SIGINT");
  const { code, stdout, stderr } = await following.ended;
  assert.deepEqual(
    eventsOf(stdout).map(({ $id, n, text }) => ({ $id, n, text })),
    events.slice(1),
  );
  assert.equal(stderr, "");
  assert.equal(code, 0, "Ctrl-C is a good end");
});

const DIGITS =
  '{"id":9007199254740993,"deep":{"ratio":1.0,"all":[18446744073709551615]},"text":"9007199254740993"}';

test("an event is shown as the server sent it, with all digits of its numbers", async () => {
  await store("digits", { $id: "d0" });
  const following = tail("digits", "--after", "d0");
  const answer = await fetch(`${server.url}/v1/collect/digits`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("all:")}` },
    body: DIGITS,
  });
  assert.equal(answer.status, 200);
  await until(() => following.said.stdout.includes("\n"), "the event");
  following.child.kill("SIGINT");
  const { stdout } = await following.ended;
  assert.ok(stdout.includes(DIGITS.slice(1, -1)), stdout);
});

test("a terminal shows all digits, too", { skip: noTerminal }, async (t) => {
  await store("terminal", { $id: "t0" });
  const command = [process.execPath, CLI, "tail", server.url, "terminal", "--key", "reader"];
  const shown = onTerminal(t, [...command, "--after", "t0"], { NO_COLOR: "1" });
  await fetch(`${server.url}/v1/collect/terminal`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("all:")}` },
    body: DIGITS.replace('"text"', '"$id":18446744073709551616,"text"'),
  });
  await until(() => shown.said().includes("\n"), "the event");
  shown.type("\x03");
  const { text } = await shown.ended;
  assert.match(
    text,
    /  id=9007199254740993  deep=\{"ratio":1\.0,"all":\[18446744073709551615\]\}  /,
  );
});

test("--where shows events with these values, several of one key being alternatives", async () => {
  const args = ["--where", "kind=a", "--where", "kind=b", "--where", "user=7", "--after", "w0"];
  await store("chosen", { $id: "w0", kind: "a", user: 1 });
  const following = tail("chosen", ...args);
  await store("chosen", [
    { n: 1, kind: "a", user: 7 },
    { n: 2, kind: "b", user: 8 },
    { n: 3, kind: "c", user: 7 },
    { n: 4, kind: "b", user: "7" },
  ]);
  await until(() => lines(following.said.stdout).length === 2, "two events");
  following.child.kill("SIGTERM");
  const { code, stdout } = await following.ended;
  assert.deepEqual(
    eventsOf(stdout).map(({ n }) => n),
    [1, 4],
  );
  assert.equal(code, 0);
});

test("a stream is one of Stride, a bucket of Initial State or a write key of RudderStack", async () => {
  const key = { apiKey: "all", url: server.url };
  const collector = new Collector(key.apiKey, { endpoint: `${key.url}/v1` });
  collector.start();
  const options = { accessKey: "all", endpoint: key.url, bucketName: "House", bucketKey: "house" };
  const streamer = new Streamer(options);
  const analytics = new Analytics({ writeKey: "all", dataPlaneUrl: key.url });
  const send = async () => {
    collector.collect("clicks", { said: "stride" });
    streamer.log("temperature", 21);
    analytics.track("Opened", {}, { userId: "u" });
    await Promise.all([collector.flush(), streamer.flush(), analytics.flush()]);
  };
  const words = ["stride", "temperature", "Opened"];
  const everything = tail();
  const each = ["clicks", "house", "all"].map((stream) => tail(stream));
  const all = [everything, ...each];
  const has = ({ said }, word) => said.stdout.includes(word);
  await until(async () => {
    await send();
    return words.every((word, at) => has(everything, word) && has(each[at], word));
  }, "all of them follow");
  for (const { child } of all) child.kill("SIGINT");
  const texts = (await Promise.all(all.map(({ ended }) => ended))).map(({ stdout }) => stdout);
  const found = texts.map((text) => words.filter((word) => text.includes(word)));
  assert.deepEqual(found, [words, ["stride"], ["temperature"], ["Opened"]]);
});

test("a server that is killed and started again is followed without gap or repeat", async () => {
  const args = ["--store", "sqlite:tail.db"];
  let own = await start(args, { folder });
  const { port, url } = own;
  const following_ = run("tail", url, "numbers");
  await following("numbers", following_, url);
  const numbers = (from) => Array.from({ length: 500 }, (_, n) => ({ n: from + n }));
  await store("numbers", numbers(0), url);
  await own.end("SIGKILL");
  own = await start(args, { folder, port });
  await store("numbers", numbers(500), own.url);
  await until(() => eventsOf(following_.said.stdout.replace(/[^\n]*$/, "")).length >= 1000, "all");
  following_.child.kill("SIGINT");
  const { code, stdout, stderr } = await following_.ended;
  await own.end("SIGTERM");
  assert.deepEqual(
    eventsOf(stdout).map(({ n }) => n),
    numbers(0)
      .concat(numbers(500))
      .map(({ n }) => n),
  );
  assert.match(stderr, /^sluicebox: the connection to \S+ was lost, connecting again$/m);
  assert.match(stderr, /^sluicebox: connected again$/m);
  assert.equal(code, 0);
});

test("who reads no more ends it without a word", async () => {
  await store(
    "headed",
    Array.from({ length: 5000 }, (_, n) => ({ $id: `h${n}`, n })),
  );
  const command = `"${process.execPath}" "${CLI}" tail ${server.url} headed --after h0 | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const env = { ...process.env, SLUICEBOX_KEY: "reader" };
  const shell = spawn("bash", ["-c", command], { env });
  const said = { out: "", err: "" };
  shell.stdout.on("data", (chunk) => (said.out += chunk));
  shell.stderr.on("data", (chunk) => (said.err += chunk));
  const fed = setInterval(() => store("headed", { more: true }).catch(() => {}), 20);
  await new Promise((resolve) => shell.on("close", resolve));
  clearInterval(fed);
  const [first, code] = lines(said.out);
  assert.equal(JSON.parse(first).n, 1);
  assert.equal(code, "0");
  assert.equal(said.err, "");
});

test("what is refused is told in a sentence without the key, with exit code 1", async () => {
  const cases = [
    [[server.url, "--key", "secret"], /does not know this --key/],
    [[server.url, "--key", "writer"], /--key may not read/],
    [
      [server.url, "--key", "reader", "--where", "plan=pro"],
      /plan is not indexed \(keys: kind, user\)/,
    ],
    [["http://127.0.0.1:1"], /could not reach http:\/\/127\.0\.0\.1:1$/m],
  ];
  for (const [args, words] of cases) {
    const { code, stdout, stderr } = await run("tail", ...args).ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, words);
    assert.equal(lines(stderr).length, 1, stderr);
    assert.doesNotMatch(stderr, /secret/);
    assert.equal(stdout, "");
  }
});

test("a wrong argument is one sentence that names it, and exit code 2", async () => {
  const cases = [
    [[], /URL of the server is missing; see sluicebox tail --help/],
    [["nowhere"], /URL must be such as .*, not "nowhere"/],
    [["ftp://host"], /not "ftp:\/\/host"/],
    [["http://host/?q=1"], /without a query/],
    [["http://host", "one", "two"], /unexpected argument "two"/],
    [["http://host", "--wher", "a=b"], /'--wher'; see sluicebox tail --help/],
    [["http://host", "--where", "a"], /--where must be KEY=VALUE, not "a"/],
    [["http://host", "--key", "a b"], /--key must be printable ASCII/],
  ];
  for (const [args, words] of cases) {
    const { code, stdout, stderr } = await run("tail", ...args).ended;
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, words);
    assert.equal(lines(stderr).length, 1, stderr);
    assert.equal(stdout, "");
  }
});

test("--help names each option, of each command", async () => {
  const { code, stdout } = await run("tail", "--help").ended;
  assert.equal(code, 0);
  for (const option of ["--key", "--where", "--after", "--json"])
    assert.ok(stdout.includes(option));
  const all = (await run("--help").ended).stdout;
  for (const command of ["serve", "tail", "send"])
    assert.match(all, new RegExp(`^  ${command} `, "m"));
});

test(
  "on a terminal an event is a line with its time and name, in colour",
  { skip: noTerminal },
  async (t) => {
    const event = {
      $id: "t1",
      event: "Order",
      total: 7,
      note: "two words",
      $timestamp: new Date(),
    };
    await store("shown", { $id: "t0" });
    const command = [
      process.execPath,
      CLI,
      "tail",
      server.url,
      "shown",
      "--key",
      "reader",
      "--after",
      "t0",
    ];
    const coloured = onTerminal(t, command);
    const plain = onTerminal(t, command, { NO_COLOR: "1" });
    const json = onTerminal(t, [...command, "--json"]);
    await store("shown", event);
    const shown = [coloured, plain, json];
    await until(() => shown.every(({ said }) => said().includes("\n")), "the event");
    for (const { type } of shown) type("\x03");
    const [first, second, third] = await Promise.all(shown.map(({ ended }) => ended));
    assert.match(second.text, /^\d\d:\d\d:\d\d\.\d{3}  Order  total=7  note="two words"\r\n/);
    assert.match(first.text, /\x1b\[1;36m  Order\x1b\[0m/);
    const line = (text) => text.slice(0, text.indexOf("\r\n"));
    assert.equal(line(first.text).replace(/\x1b\[[\d;]*m/g, ""), line(second.text));
    assert.equal(JSON.parse(line(third.text)).total, 7);
    for (const { code } of [first, second, third]) assert.equal(code, 0, "Ctrl-C");
  },
);

test("no event steers the terminal, and a long one is cut", { skip: noTerminal }, async (t) => {
  await store("hostile", { $id: "x0" });
  await store("hostile", {
    event: "\x1b]0;owned\x07",
    "\x9b31m": "\u202edesrever",
    long: "x".repeat(500),
  });
  const command = ["tail", server.url, "hostile", "--key", "reader", "--after", "x0"];
  const shown = onTerminal(t, [process.execPath, CLI, ...command], { NO_COLOR: "1" });
  const json = onTerminal(t, [process.execPath, CLI, ...command, "--json"]);
  await until(() => [shown, json].every(({ said }) => said().includes("\n")), "the event");
  for (const { type } of [shown, json]) type("\x03");
  const { text } = await shown.ended;
  assert.doesNotMatch(text.replace("^C", ""), /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]/);
  assert.match(text, /  \\u001b\]0;owned\\u0007  \\u009b31m=/);
  assert.equal(text.indexOf("\r\n"), 100, "as wide as the terminal");
  const raw = (await json.ended).text;
  assert.doesNotMatch(raw.replace("^C", ""), /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]/);
  assert.equal(JSON.parse(raw.slice(0, raw.indexOf("\r\n")))["\x9b31m"], "\u202edesrever");
});
