// Inserts that come together go into the store together, and none is left waiting.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@libsql/client";
import { createServer, libsql, sql } from "sluicebox/server";
import { range } from "./contract/tools.mjs";

/** Promises that resolve one after the other between a reply and the end of what waited for it. */
const MOMENTS = 60;

/** An insert that nobody takes up never ends; this is the longest that one may take, in ms. */
const PATIENCE = 60_000;

const inTime = (promise, what) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} does not end`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

test("an insert that comes in any moment after another one was kept is kept too", async () => {
  const client = createClient({ url: ":memory:" });
  const driver = libsql(client);
  let kept = () => {};
  const server = createServer({
    store: sql(
      {
        ...driver,
        async transaction(statements) {
          const rows = await driver.transaction(statements);
          kept();
          return rows;
        },
      },
      { keys: [] },
    ),
  });
  await server.insert({ n: "opens the store" });
  for (const moments of range(MOMENTS)) {
    let second;
    kept = async () => {
      kept = () => {};
      for (const _ of range(moments)) await undefined;
      second = server.insert({ n: 2 });
    };
    await inTime(server.insert({ n: 1 }), "the first insert");
    while (!second) await undefined;
    await inTime(second, `an insert ${moments} moments after another was kept`);
  }
  assert.equal((await server.items({ end: null })).length, 1 + 2 * MOMENTS);
  await server.close();
  client.close();
});
