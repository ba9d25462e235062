// How PostgreSQL carries statements out when it has not yet counted what is in the tables.

import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { createServer, postgres, sql } from "sluicebox/server";
import { startPostgres } from "./postgres.mjs";

const EVENTS = 5000;

/** The steps of a plan, from the outermost inwards. */
const steps = ({ "Node Type": step, Plans: plans = [] }) => [step, ...plans.flatMap(steps)];

/**
 * A store whose statements that have `part` in them are explained before they run; `plans` gets what
 * PostgreSQL says. Resolves to { ask, plans }.
 */
async function explaining(t, part, settings = "") {
  const database = await startPostgres();
  const pool = new pg.Pool({ connectionString: database.url, options: settings });
  const driver = postgres(pool);
  const plans = [];
  const explained = {
    ...driver,
    async transaction(statements) {
      const place = statements.findIndex(({ sql: text }) => text.includes(part));
      if (place < 0) return driver.transaction(statements);
      const { sql: text, params } = statements[place];
      const asked = { sql: `EXPLAIN (FORMAT JSON) ${text}`, params };
      const replies = await driver.transaction(statements.toSpliced(place, 0, asked));
      const [[plan]] = replies.splice(place, 1);
      plans.push(plan["QUERY PLAN"][0]);
      return replies;
    },
  };
  const server = createServer({ store: sql(explained, { keys: ["n"] }) });
  t.after(async () => {
    await server.close();
    await pool.end();
    await database.stop();
  });
  const ask = (path, init) => server.fetch(new Request(`http://localhost${path}`, init));
  return { ask, plans };
}

const collect = async (ask, count) => {
  const body = JSON.stringify(Array.from({ length: count }, (_, n) => ({ n })));
  assert.equal((await ask("/v1/collect/many", { method: "POST", body })).status, 200);
};

test("who follows from far back reads the index in its order: a page costs what it holds", async (t) => {
  const { ask, plans } = await explaining(t, "AS running");
  await collect(ask, EVENTS);
  for (const path of ["/v1/collect/many/subscribe", "/subscribe"]) {
    const live = await ask(`${path}?after=nobody`);
    let seen = 0;
    for await (const chunk of live.body) {
      seen += new TextDecoder().decode(chunk).split("\r\n").filter(Boolean).length;
      if (seen === EVENTS) break;
    }
  }
  assert.ok(plans.length > (2 * EVENTS) / 1000, String(plans.length));
  for (const { Plan: plan } of plans) {
    assert.ok(steps(plan).includes("Index Scan"), String(steps(plan)));
    assert.ok(!steps(plan).includes("Sort"), String(steps(plan)));
    assert.ok(!steps(plan).includes("Bitmap Heap Scan"), String(steps(plan)));
  }
});

test("an insert compiles nothing: that would cost more than the insert", async (t) => {
  for (const part of ["WITH given", '_terms" (term, place)']) {
    const { ask, plans } = await explaining(t, part, "-c jit_above_cost=0");
    await collect(ask, 10);
    assert.equal(plans.length, 1, part);
    assert.equal(plans[0].JIT, undefined, part);
  }
});
