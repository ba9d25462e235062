// npx sluicebox serve

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { StreamClient } from "sluicebox";
import { at } from "../../pkg/scripts/lib.mjs";
import { run as runIn, start } from "./command.mjs";

/** Its files go with the test. */
const folder = mkdtempSync(join(tmpdir(), "sluicebox-cli-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args) => runIn(folder, args);

test("a wrong argument is one sentence that names it, and exit code 2", async () => {
  const cases = [
    [["serve", "--port", "x"], /--port must be a whole number from 0 to 65535, not "x"/],
    [["serve", "--port", "70000"], /--port/],
    [["serve", "--store", "tape"], /--store must be memory, sqlite:PATH, .*, not "tape"/],
    [["serve", "--store", "mysql://user:secret@host"], /--store .*not "mysql:…"/],
    [["serve", "--store", "sqlite:/no/such/folder/a.db"], /--store sqlite:\S+ cannot be opened/],
    [["serve", "--key", "a:root"], /--key .*"a:root"/],
    [["serve", "--keys", "start"], /--keys/],
    [
      ["serve", "--rate-limit", "10"],
      /--rate-limit must be CALLS\/SECONDS, such as 10\/10, not "10"/,
    ],
    [["serve", "--rate-limit", "0/10"], /rateLimit.calls" must be a whole number from 1/],
    [["serve", "--host", "0.0.0.0"], /--host .*--key/],
    [["serve", "--nonsense"], /--nonsense/],
    [["serve", "more"], /"more"/],
    [["fly"], /no command "fly"/],
  ];
  for (const [args, words] of cases) {
    const { code, stdout, stderr } = await run(...args).ended;
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, words);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
    assert.equal(stdout, "");
  }
});

test("a port in use is a sentence too", async () => {
  const taken = createServer();
  await new Promise((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address();
  const { code, stderr } = await run("serve", "--port", String(port)).ended;
  taken.close();
  assert.equal(code, 2);
  assert.match(stderr, new RegExp(`--port ${port} is in use`));
});

test("help and version", async () => {
  assert.match((await run("--help").ended).stdout, /--keys A,B,C/);
  assert.match((await run("--version").ended).stdout, /^\d+\.\d+\.\d+\n$/);
});

test("it serves what its options say, and a signal ends it well", async () => {
  const { child, ended, said } = run("serve", "--port", "0", "--keys", "kind,user", "--key", "k");
  while (!said.stdout.includes("\n")) await new Promise((resolve) => setTimeout(resolve, 20));
  const [, url] = /listens on (\S+)/.exec(said.stdout);
  const client = new StreamClient(url, { apiKey: "k" });
  await client.insert({ kind: "a", user: 1 });
  assert.deepEqual(await client.items({ where: { user: "1" } }), [{ kind: "a", user: 1 }]);
  await assert.rejects(new StreamClient(url).items(), { code: "unauthorized" });
  child.kill("SIGTERM");
  assert.equal((await ended).code, 0);
});

test("what it keeps is there when it is started again, in a file of that name", async () => {
  const args = ["--store", "sqlite:again.db", "--keys", "kind", "--log"];
  const first = await start(args, { folder });
  assert.match(first.said.stdout, /keeps events in sqlite:again\.db\n/);
  const id = await new StreamClient(first.url).insert({ kind: "a" });
  const { stderr } = await first.end("SIGTERM");
  const [line] = stderr
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text));
  assert.deepEqual([line.method, line.protocol, line.stored], ["POST", "awesomestream", 1]);
  assert.ok(existsSync(join(folder, "again.db")));
  const second = await start(args, { folder });
  assert.deepEqual(await new StreamClient(second.url).items({ where: { kind: "a" } }), [
    { kind: "a" },
  ]);
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.equal((await second.end("SIGINT")).code, 0);
});

test("a database that is away does not keep it from starting, and is told of", async () => {
  const store = `postgres://user:hidden@127.0.0.1:1/db`;
  const server = await start(["--store", store], { folder });
  const health = await fetch(`${server.url}/healthz`);
  assert.deepEqual([health.status, health.headers.has("retry-after")], [503, true]);
  const { code, stdout, stderr } = await server.end("SIGTERM");
  assert.equal(code, 0);
  assert.match(stderr, /^sluicebox: .*ECONNREFUSED.*\n$/);
  assert.doesNotMatch(stdout + stderr, /hidden/);
});

const hasSqlite = await import("node:sqlite").then(
  () => true,
  () => false,
);

test(
  "without an SQLite it serves from memory and says so, unless a file was asked for",
  { skip: hasSqlite && "this Node.js has one" },
  async () => {
    // As installed by who has none of the clients.
    const alone = join(folder, "alone");
    cpSync(at("pkg/dist"), join(alone, "dist"), { recursive: true });
    cpSync(at("pkg/package.json"), join(alone, "package.json"));
    const file = join(alone, "dist", "cli.js");
    const { child, ended, said } = runIn(folder, ["serve", "--port", "0"], file);
    while (!said.stdout.includes("kept in")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGTERM");
    assert.equal((await ended).code, 0);
    assert.match(said.stdout, /events are kept in memory only, .*npm install @libsql\/client/);
    for (const [store, words] of [
      ["sqlite:events.db", /--store sqlite:events.db needs .*npm install @libsql\/client\n$/],
      ["postgres://a@b/c", /--store postgres:\/\/… needs a client: npm install pg\n$/],
      ["redis://a", /--store redis:\/\/… needs a client: npm install redis\n$/],
    ]) {
      const refused = await runIn(folder, ["serve", "--store", store], file).ended;
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, words);
    }
  },
);
