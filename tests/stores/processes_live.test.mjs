// Servers in processes of their own over one database: live events cross from one to the other, and
// who loses a server goes on at another without gap or repeat.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { at } from "../../pkg/scripts/lib.mjs";
import { range } from "./contract/tools.mjs";
import { startPostgres } from "./postgres.mjs";
import { startRedis } from "./redis.mjs";

/** Most events that another server took in must be there within this time, in milliseconds. */
const AT_ONCE = 1000;

const running = new Set();

/** Resolves to { url, kill }. */
async function startServer(store) {
  const child = spawn(process.execPath, [at("tests/stores/serve_store.mjs"), store], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  const ended = new Promise((resolve) => child.once("close", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^listening on (.*)$/.exec(line) ?? [];
    if (!url) continue;
    const kill = async () => {
      child.kill("SIGKILL");
      await ended;
      running.delete(child);
    };
    return { url, kill };
  }
  throw new Error(`the server ended with ${await ended}`);
}

const insert = async ({ url }, event) => {
  const body = JSON.stringify(event);
  const response = await fetch(`${url}/v1/collect/s`, { method: "POST", body });
  assert.equal(response.status, 200, await response.text());
};

/** Live events: `seen` grows by itself; `until(count)` resolves when there are so many. */
async function follow({ url }, after) {
  const ending = new AbortController();
  const query = after === undefined ? "" : `?after=${after}`;
  const response = await fetch(`${url}/v1/collect/s/subscribe${query}`, { signal: ending.signal });
  const seen = [];
  let check = () => {};
  let failed;
  const read = async () => {
    let rest = "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\r\n");
      rest = lines.pop();
      seen.push(...lines.filter(Boolean).map((line) => JSON.parse(line)));
      check();
    }
  };
  // A server that is killed ends it with an error.
  const done = read().catch((error) => (failed = error));
  return {
    seen,
    done,
    until: (count) =>
      new Promise((resolve, reject) => {
        check = () => seen.length >= count && resolve(seen);
        check();
        done.then(() => reject(new Error(`it ended with ${seen.length} events: ${failed}`)));
      }),
    end: () => ending.abort(),
  };
}

const ns = (events) => events.map(({ n }) => n);

for (const [name, start] of Object.entries({ Redis: startRedis, PostgreSQL: startPostgres })) {
  describe(name, () => {
    let database, one, two;
    before(async () => {
      database = await start();
      [one, two] = await Promise.all([startServer(database.url), startServer(database.url)]);
    });
    after(async () => {
      for (const child of running) child.kill("SIGKILL");
      await database?.stop();
    });

    test("an event is live at the other server at once", async (t) => {
      const [here, there] = [await follow(one), await follow(two)];
      const took = [];
      for (const n of range(20)) {
        const since = performance.now();
        await insert(one, { $id: `at-once-${n}`, n });
        await there.until(n + 1);
        took.push(performance.now() - since);
      }
      await here.until(20);
      assert.deepEqual([ns(here.seen), ns(there.seen)], [range(20), range(20)]);
      took.sort((a, b) => a - b);
      // A busy machine may hold up some of them.
      const median = took[10];
      t.diagnostic(`${name}: ${median.toFixed(0)} ms, at most ${took[19].toFixed(0)} ms`);
      assert.ok(median < AT_ONCE, String(took));
      here.end();
      there.end();
    });

    test("both take events in at once, and all see them in one order", async () => {
      const [here, there] = [await follow(one), await follow(two)];
      await Promise.all(
        range(300).map((n) => insert(n % 2 ? one : two, { $id: `both-${n}`, n: 1000 + n })),
      );
      await Promise.all([here.until(300), there.until(300)]);
      assert.deepEqual(ns(here.seen), ns(there.seen));
      assert.deepEqual(
        ns(here.seen).sort((a, b) => a - b),
        range(300).map((n) => 1000 + n),
      );
      here.end();
      there.end();
    });

    test("who loses a server goes on at another, without gap or repeat", async () => {
      const all = range(400).map((n) => ({ $id: `killed-${n}`, n: 2000 + n }));
      const before = await follow(two);
      const writing = (async () => {
        for (const event of all) await insert(one, event);
      })();
      await before.until(50);
      await two.kill();
      await before.done;
      const { seen } = before;
      two = await startServer(database.url);
      const after = await follow(two, seen.at(-1).$id);
      await writing;
      await after.until(all.length - seen.length);
      assert.deepEqual([...ns(seen), ...ns(after.seen)], ns(all));
      after.end();
    });

    test("an event that is sent to both servers is kept once", async () => {
      const live = await follow(two);
      await Promise.all(
        range(50).flatMap((n) => [one, two].map((to) => insert(to, { $id: `twice-${n}`, n }))),
      );
      await insert(one, { $id: "end", n: -1 });
      await live.until(51);
      assert.equal(live.seen.at(-1).n, -1);
      assert.equal(new Set(ns(live.seen)).size, 51);
      live.end();
    });
  });
}
