// durableObjectStore(): records in a Durable Object, with and without SQLite behind its storage.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { durableObjectStore } from "sluicebox";
import { refuses } from "../node/errors.mjs";
import { startMiniflare } from "../hosts/miniflare.mjs";

/** Each call is [method, argument]; records are texts. */
const source = `
  import { DurableObject } from "cloudflare:workers";
  import { durableObjectStore } from "sluicebox";

  class Keeper extends DurableObject {
    store = durableObjectStore(this.ctx.storage);
    async fetch(request) {
      const answers = [];
      for (const [method, argument] of await request.json()) {
        const records = Array.isArray(argument)
          ? argument.map((text) => new TextEncoder().encode(text))
          : argument;
        const answer = await this.store[method](records);
        answers.push(answer?.map((record) => new TextDecoder().decode(record)) ?? null);
      }
      return Response.json(answers);
    }
  }
  export class WithSqlite extends Keeper {}
  export class WithoutSqlite extends Keeper {}
  export default {
    fetch(request, env) {
      const [, kind, name] = new URL(request.url).pathname.split("/");
      return env[kind].get(env[kind].idFromName(name)).fetch(request);
    },
  };
`;

let folder, worker;
const start = async () => {
  worker = await startMiniflare(
    { source },
    {
      persist: folder,
      durableObjects: {
        WithSqlite: { className: "WithSqlite", useSQLite: true },
        WithoutSqlite: { className: "WithoutSqlite", useSQLite: false },
      },
    },
  );
};
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluicebox-"));
  await start();
});
after(async () => {
  await worker.close();
  rmSync(folder, { recursive: true });
});

for (const kind of ["WithSqlite", "WithoutSqlite"]) {
  const calls = async (name, ...calls) => {
    const response = await fetch(`${worker.url}/${kind}/${name}`, {
      method: "POST",
      body: JSON.stringify(calls),
    });
    const text = await response.text();
    assert.equal(response.status, 200, `${text}\n${worker.output()}`);
    return JSON.parse(text);
  };
  const loaded = async (name) => (await calls(name, ["load"]))[0];

  test(`${kind}: records are loaded in order, after a restart too, and go on from there`, async () => {
    const texts = Array.from({ length: 12 }, (_, index) => `record ${index}`);
    await calls("order", ["append", texts.slice(0, 11)], ["append", texts.slice(11)]);
    assert.deepEqual(await loaded("order"), texts);
    await worker.close();
    await start();
    assert.deepEqual(await loaded("order"), texts);
    await calls("order", ["remove", 10], ["append", ["and one more", ""]]);
    assert.deepEqual(await loaded("order"), [...texts.slice(10), "and one more", ""]);
  });

  test(`${kind}: a record may be larger than a value, and removing takes all of it`, async () => {
    const large = "0123456789".repeat(1_500_000);
    const [, both, , rest, , none] = await calls(
      "large",
      ["append", [large, "small"]],
      ["load"],
      ["remove", 1],
      ["load"],
      ["remove", 5],
      ["load"],
    );
    assert.ok(both[0] === large);
    assert.deepEqual(both.slice(1), ["small"]);
    assert.deepEqual([rest, none], [["small"], []]);
  });

  test(`${kind}: an object's store is its own, and appends before it was ever loaded`, async () => {
    await calls("one", ["append", ["a"]]);
    assert.deepEqual(await loaded("two"), []);
    await worker.close();
    await start();
    await calls("one", ["append", ["b"]]);
    assert.deepEqual(await loaded("one"), ["a", "b"]);
    await worker.close();
    await start();
    await calls("one", ["remove", 1]);
    assert.deepEqual(await loaded("one"), ["b"]);
  });
}

test("arguments out of their limits, and two stores in one place, are refused by name", () => {
  const storage = { list() {}, put() {}, delete() {} };
  for (const wrong of [undefined, null, {}, { list() {} }]) {
    refuses(() => durableObjectStore(wrong), "invalid_argument", /^"storage" must be the storage/);
  }
  for (const prefix of ["", 7, "x".repeat(257)]) {
    refuses(
      () => durableObjectStore(storage, { prefix }),
      "invalid_argument",
      /^"prefix" must be a string of 1 to 256 characters$/,
    );
  }
  durableObjectStore(storage, { prefix: "a." });
  durableObjectStore(storage, { prefix: "b." });
  refuses(
    () => durableObjectStore(storage, { prefix: "a.b" }),
    "invalid_argument",
    /"prefix" must not begin as another store's of this object does \("a\."\)/,
  );
});
