// How PostgreSQL carries statements out when it has not yet counted what is in the tables.

import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { createServer, postgres, sql } from "sluicebox/server";
import { startPostgres } from "./postgres.mjs";

const EVENTS = 5000;

/** The steps of a plan, from the outermost inwards. */
const steps = ({ "Node Type": step, Plans: plans = [] }) => [step, ...plans.flatMap(steps)];

test("who follows from far back reads the index in its order: a page costs what it holds", async (t) => {
  const database = await startPostgres();
  const pool = new pg.Pool({ connectionString: database.url });
  const driver = postgres(pool);
  const plans = [];
  const explained = {
    ...driver,
    async transaction(statements) {
      const follows = statements.findIndex(({ sql: text }) => text.includes("AS running"));
      if (follows < 0) return driver.transaction(statements);
      const { sql: text, params } = statements[follows];
      const asked = { sql: `EXPLAIN (FORMAT JSON) ${text}`, params };
      const [plan] = (await driver.transaction([...statements.slice(0, follows), asked])).at(-1);
      plans.push(steps(plan["QUERY PLAN"][0].Plan));
      return driver.transaction(statements);
    },
  };
  const server = createServer({ store: sql(explained, { keys: [] }) });
  t.after(async () => {
    await server.close();
    await pool.end();
    await database.stop();
  });
  const body = JSON.stringify(Array.from({ length: EVENTS }, (_, n) => ({ n })));
  const ask = (path, init) => server.fetch(new Request(`http://localhost${path}`, init));
  assert.equal((await ask("/v1/collect/many", { method: "POST", body })).status, 200);
  for (const path of ["/v1/collect/many/subscribe", "/subscribe"]) {
    const live = await ask(`${path}?after=nobody`);
    let seen = 0;
    for await (const chunk of live.body) {
      seen += new TextDecoder().decode(chunk).split("\r\n").filter(Boolean).length;
      if (seen === EVENTS) break;
    }
  }
  assert.ok(plans.length > (2 * EVENTS) / 1000, String(plans.length));
  for (const plan of plans) {
    assert.ok(plan.includes("Index Scan"), String(plan));
    assert.ok(!plan.includes("Sort") && !plan.includes("Bitmap Heap Scan"), String(plan));
  }
});
