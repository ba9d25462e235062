// fileStore(): records in a file, over crashes.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fileStore } from "sluicebox/node";
import { SluiceboxError } from "sluicebox/server";
import { at } from "../../pkg/scripts/lib.mjs";
import { bun, DENO } from "../hosts/runtimes.mjs";

let folder, path, stores;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluicebox-"));
  [path, stores] = [join(folder, "events"), []];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true });
});

const make = (options) => {
  const store = fileStore(path, options);
  stores.push(store);
  return store;
};
/** As after a crash: nobody closed the one before. */
const reopened = async (options) => {
  await stores.pop().close();
  return make(options);
};
const isError =
  (code, words = "") =>
  (error) => {
    assert.ok(error instanceof SluiceboxError, String(error));
    assert.deepEqual([error.code, error.fault], [code, "caller"]);
    assert.ok(error.message.includes(words), error.message);
    return true;
  };
const bytes = (text) => new TextEncoder().encode(text);
const texts = async (store) => (await store.load()).map((one) => new TextDecoder().decode(one));

test("what was appended is loaded in order, by the next process too", async () => {
  const store = make();
  assert.deepEqual(await store.load(), []);
  await store.append([bytes("a"), bytes("")]);
  await store.append([bytes("b".repeat(100_000))]);
  const all = ["a", "", "b".repeat(100_000)];
  assert.deepEqual(await texts(store), all);
  assert.deepEqual(await texts(await reopened()), all);
});

test("the oldest are removed, and stay removed", async () => {
  const store = make();
  await store.append([..."abcd"].map(bytes));
  await store.remove(2);
  assert.deepEqual(await texts(store), ["c", "d"]);
  const next = await reopened();
  assert.deepEqual(await texts(next), ["c", "d"]);
  await next.remove(2);
  assert.equal(statSync(path).size, 16);
  await next.append([bytes("e")]);
  assert.deepEqual(await texts(await reopened()), ["e"]);
});

test("calls that come at once are done one after the other", async () => {
  const store = make();
  await Promise.all([
    store.append([bytes("a")]),
    store.append([bytes("b")]),
    store.remove(1),
    store.append([bytes("c")]),
  ]);
  assert.deepEqual(await texts(store), ["b", "c"]);
});

test("the file does not grow by what was removed", async () => {
  const store = make();
  for (let round = 0; round < 500; round++) {
    await store.append([bytes(String(round).padEnd(1000))]);
    if (round >= 10) await store.remove(1);
    assert.ok(statSync(path).size < 200_000, `round ${round}`);
  }
  const last = Array.from({ length: 10 }, (_, index) => String(490 + index).padEnd(1000));
  assert.deepEqual(await texts(store), last);
  assert.deepEqual(await texts(await reopened()), last);
  assert.deepEqual(readdirSync(folder).sort(), ["events", "events.lock"]);
});

test("a record that was being written when the process ended is cut off, wherever that was", async () => {
  await make().append([bytes("first"), bytes("second")]);
  await stores.pop().close();
  const whole = readFileSync(path);
  for (let length = whole.length - 1; length >= 0; length--) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    const store = fileStore(path);
    const expected = length >= 29 ? ["first"] : [];
    assert.deepEqual(await texts(store), expected, `${length} bytes`);
    await store.append([bytes("x")]);
    assert.deepEqual(await texts(store), [...expected, "x"], `${length} bytes`);
    await store.close();
  }
});

test("what is behind the newest record is not taken for one, after the next append either", async () => {
  await make().append([bytes("a")]);
  await stores.pop().close();
  appendFileSync(path, Buffer.alloc(500, 7));
  const store = make();
  await store.append([bytes("b")]);
  assert.deepEqual(await texts(store), ["a", "b"]);
  assert.deepEqual(await texts(await reopened()), ["a", "b"]);
});

test("a file of someone else is left as it is", async () => {
  for (const text of ["x", "a diary of some years, in which much is written"]) {
    writeFileSync(path, text);
    const store = fileStore(path);
    await assert.rejects(store.load(), isError("storage", `"${path}" was not written`));
    await assert.rejects(store.append([bytes("a")]), isError("storage"));
    assert.equal(readFileSync(path, "utf8"), text);
    assert.ok(!existsSync(`${path}.lock`));
  }
});

test("a second client over the same file is refused, until the first is closed", async () => {
  const store = make();
  await store.load();
  const second = fileStore(path);
  await assert.rejects(second.load(), isError("storage", "is in use by this process"));
  await store.close();
  assert.deepEqual(await second.load(), []);
  await second.close();
});

test("a closed one refuses all but another close, and leaves the file to others", async () => {
  const store = make();
  // What was called before is done first.
  const before = store.append([bytes("a")]);
  const closed = store.close();
  const isClosed = isError("storage", `"${path}" was closed`);
  await assert.rejects(store.append([bytes("b")]), isClosed);
  await assert.rejects(store.load(), isClosed);
  await assert.rejects(store.remove(1), isClosed);
  await Promise.all([before, closed, store.close()]);
  await assert.rejects(store.append([bytes("b")]), isClosed);
  assert.ok(!existsSync(`${path}.lock`));
  assert.deepEqual(await texts(make()), ["a"]);
});

test("a full file refuses what comes, and takes it when there is room", async () => {
  const store = make({ maxBytes: 1024 });
  await store.append([bytes("a".repeat(600))]);
  await assert.rejects(
    store.append([bytes("b".repeat(600))]),
    isError("storage", "it may have 1024 bytes (maxBytes)"),
  );
  await store.remove(1);
  await store.append([bytes("b".repeat(600))]);
  assert.deepEqual(await texts(store), ["b".repeat(600)]);
});

test("arguments out of their limits are refused by name", () => {
  for (const [args, words] of [
    [[""], '"path" must be a non-empty string'],
    [[7], '"path" must be a non-empty string'],
    [[path, { sync: 1 }], '"sync" must be a boolean'],
    [[path, { maxBytes: 1023 }], '"maxBytes" must be a whole number from 1024'],
  ]) {
    assert.throws(() => fileStore(...args), isError("invalid_argument", words));
  }
  assert.ok(!existsSync(path));
});

test("a folder that is not there is an error of the call", async () => {
  const store = fileStore(join(folder, "none", "events"));
  await assert.rejects(store.load(), /ENOENT.*none/);
});

test("the file and its lock are for their owner alone", async () => {
  await make({ sync: true }).append([bytes("a")]);
  for (const name of [path, `${path}.lock`]) assert.equal(statSync(name).mode & 0o777, 0o600);
});

/** Appends for ever, and says the number of each record that is stored. */
const WRITER = `
  import { fileStore } from "sluicebox/node";
  const store = fileStore(process.argv[2] ?? process.argv[1]);
  const [first] = await store.load();
  console.log("ready");
  for (let number = 0; ; number++) {
    await store.append([new TextEncoder().encode(number + " " + "x".repeat(number % 5000))]);
    if (number % 3 === 2) await store.remove(2);
    console.log(String(number));
  }
`;

for (const [runtime, command] of [
  ["Node.js", ["node"]],
  [
    "Deno",
    [
      ...DENO,
      "--allow-read",
      "--allow-write",
      "--allow-sys=hostname",
      "--allow-env",
      "--allow-run",
    ],
  ],
  ["Bun", [bun]],
]) {
  test(`kill -9 while ${runtime} appends loses nothing that was stored, and frees the file`, async () => {
    const script = at(`tests/node/.writer-${process.pid}.mjs`);
    writeFileSync(script, WRITER);
    try {
      for (let round = 0; round < 3; round++) {
        rmSync(path, { force: true });
        const [program, ...args] = command;
        const child = spawn(program, [...args, script, path], {
          stdio: ["ignore", "pipe", "pipe"],
        });
        let [said, wrong] = ["", ""];
        child.stderr.on("data", (chunk) => (wrong += chunk));
        const enough = new Promise((resolve) => {
          child.stdout.on("data", (chunk) => {
            said += chunk;
            if (said.split("\n").length > 20 + round * 50) resolve();
          });
        });
        const ended = new Promise((resolve) => child.once("close", resolve));
        await Promise.race([enough, ended]);
        if (said.includes("ready")) {
          const other = fileStore(path);
          await assert.rejects(other.load(), isError("storage", `process ${child.pid}`));
        }
        child.kill("SIGKILL");
        await ended;
        assert.ok(said.split("\n").length > 20, wrong);
        const last = Number(said.trimEnd().split("\n").at(-1));
        const store = fileStore(path);
        const numbers = (await texts(store)).map((text) => parseInt(text));
        await store.close();
        assert.ok(numbers.at(-1) >= last, `${numbers.at(-1)} is there, ${last} was stored`);
        for (const [index, number] of numbers.entries()) assert.equal(number, numbers[0] + index);
        // What it could not say any more may be removed too.
        const [least, most] = [last, numbers.at(-1)].map((one) => Math.floor((one + 1) / 3) * 2);
        assert.ok(numbers[0] >= least && numbers[0] <= most, `${least} ${numbers[0]} ${most}`);
      }
    } finally {
      rmSync(script);
    }
  });
}

test("a lock of a process whose number another one has by now is taken over", async () => {
  writeFileSync(
    `${path}.lock`,
    `${process.pid} 1-an-earlier-boot ${spawnSync("hostname").stdout}`.trim(),
  );
  await make().append([bytes("a")]);
});

test("a lock of another machine is respected", async () => {
  writeFileSync(`${path}.lock`, "1 0 elsewhere");
  await assert.rejects(
    fileStore(path).load(),
    isError("storage", `is in use by process 1 on elsewhere (says "${path}.lock")`),
  );
});
