// Several processes of `sluicebox serve` over one database: what one takes, the other tells.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client";
import { Stride, StreamClient } from "sluicebox";
import { load, start, until } from "../server/command.mjs";
import { agrees, stopsCleanly, survivesKills } from "../server/crash_steps.mjs";
import { startPostgres } from "./postgres.mjs";
import { temporaryFolder } from "./service.mjs";

/** Milliseconds in which an event must come to a subscriber of another process. */
const LIVE = 1000;

const KEYS = ["--keys", "kind"];
const folder = temporaryFolder("processes");
let database;

before(async () => {
  database = await startPostgres({ durable: true });
});

after(async () => {
  await database?.stop();
  rmSync(folder, { recursive: true });
});

const STORES = {
  PostgreSQL: () => database.url,
  SQLite: () => "sqlite:shared.db",
};

test("SQLite: a process begins although another one writes at that moment to a file that is new", async () => {
  // Nothing of ours made it yet, so it has the journal that SQLite gives it.
  const writer = createClient({ url: pathToFileURL(`${folder}/new.db`).href });
  await writer.execute("CREATE TABLE other (x)");
  const writing = await writer.transaction("write");
  const begun = start(["--store", "sqlite:new.db"], { folder });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await writing.commit();
  writer.close();
  const server = await begun;
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  await server.end("SIGTERM");
});

for (const [name, store] of Object.entries(STORES)) {
  describe(`two processes over one ${name}`, () => {
    const serve = (port) => start(["--store", store(), ...KEYS], { folder, port });
    const collect = (server, events) =>
      fetch(`${server.url}/v1/collect/pair`, { method: "POST", body: JSON.stringify(events) });

    test("an event that one takes is told by the other, filtered and resumed", async () => {
      const [one, two] = await Promise.all([serve(), serve()]);
      const wanted = await new StreamClient(two.url).subscribe({ where: { kind: "a" } });
      const all = await new Stride("key", { endpoint: `${two.url}/v1` }).subscribe("/collect/pair");
      assert.equal(
        (
          await collect(one, [
            { $id: "b1", kind: "b" },
            { $id: "a1", kind: "a" },
          ])
        ).status,
        200,
      );
      const next = async (events) => (await events[Symbol.asyncIterator]().next()).value.$id;
      assert.equal(await next(wanted), "a1");
      assert.equal(await next(all.data), "b1");
      const { lastEventId } = all.data;
      all.data.close();
      wanted.close();
      await collect(one, { $id: "a2", kind: "a" });
      const resumed = await new Stride("key", { endpoint: `${two.url}/v1` }).subscribe(
        "/collect/pair",
        { after: lastEventId },
      );
      const seen = [];
      for await (const { $id } of resumed.data) {
        seen.push($id);
        if (seen.length === 2) break;
      }
      assert.deepEqual(seen, ["a1", "a2"]);
      await Promise.all([one, two].map((server) => server.end("SIGTERM")));
    });

    test("an event of the other comes soon", async () => {
      const [one, two] = await Promise.all([serve(), serve()]);
      const live = await new Stride("key", { endpoint: `${two.url}/v1` }).subscribe(
        "/collect/pair",
      );
      const took = [];
      for (let n = 0; n < 6; n += 1) {
        const since = performance.now();
        assert.equal((await collect(one, { n })).status, 200);
        assert.equal((await live.data.next()).value.n, n);
        took.push(performance.now() - since);
      }
      live.data.close();
      // The first may come by chance, and a busy machine may hold up some of them.
      assert.ok(Math.min(...took.slice(1)) < LIVE, String(took));
      await Promise.all([one, two].map((server) => server.end("SIGTERM")));
    });

    test("the subscriber of one that is killed goes on at the other", async () => {
      const [one, two] = await Promise.all([serve(), serve()]);
      const stride = (server) => new Stride("key", { endpoint: `${server.url}/v1` });
      const first = await stride(one).subscribe("/collect/moved", { reconnect: false });
      const traffic = load(two.url, "moved", name);
      const seen = [];
      const read = async (events, enough) => {
        for await (const { $id } of events) {
          seen.push($id);
          if (enough()) break;
        }
      };
      const broken = read(first.data, () => false).catch(() => {});
      await until(() => seen.length > 50, "events come live");
      await one.end("SIGKILL");
      await broken;
      const { lastEventId } = first.data;
      const second = await stride(two).subscribe("/collect/moved", { after: lastEventId });
      const more = seen.length + 50;
      await until(() => traffic.acknowledged.length > more, "more events are taken");
      await traffic.stop();
      assert.deepEqual([traffic.refused, traffic.unanswered], [[], []]);
      await read(second.data, () => seen.length >= traffic.acknowledged.length);
      assert.deepEqual(seen.toSorted(), traffic.acknowledged.toSorted());
      assert.equal((await two.end("SIGTERM")).code, 0);
    });
  });
}

const servePostgres = (port) =>
  start(["--store", `${database.url}`, ...KEYS], { folder, port: port ?? 0 });

test("a killed server over PostgreSQL has each acknowledged event once", async () => {
  await survivesKills(servePostgres);
});

test("a server over PostgreSQL that is told to stop loses and repeats nothing", async () => {
  await stopsCleanly(servePostgres);
});

test("PostgreSQL is killed under load: the server goes on by itself, and nothing is lost", async () => {
  const server = await servePostgres();
  const live = await new Stride("key", { endpoint: `${server.url}/v1` }).subscribe("/collect/down");
  const traffic = load(server.url, "down", "down");
  await until(() => traffic.acknowledged.length > 200, "events are acknowledged");
  await database.crash();
  const before = traffic.acknowledged.length;
  await until(() => traffic.acknowledged.length > before + 200, "it goes on");
  await traffic.stop();
  assert.deepEqual(traffic.unanswered, []);
  const sent = new Set([...traffic.acknowledged, ...traffic.refused]);
  await agrees(server.url, "down", traffic.acknowledged, sent);
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  // The subscriber, who was there all the time, has each of them too.
  const kept = new Set();
  const missing = new Set(traffic.acknowledged);
  for await (const { $id } of live.data) {
    assert.ok(!kept.has($id), `${$id} came twice`);
    kept.add($id);
    missing.delete($id);
    if (!missing.size) break;
  }
  assert.equal((await server.end("SIGTERM")).code, 0);
});
