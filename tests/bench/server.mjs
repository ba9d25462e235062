// What the stream server costs, beside a bare Node handler that parses and pushes.
//
//   node tests/bench/server.mjs [--items 10000,1000000] [--seconds 4] [--skip-ingest] [--skip-items]
//
// Each server runs in a process of its own; the load comes from raw sockets with ready-made bytes,
// so it costs next to nothing. Bare and ours take turns, and the medians are compared.

import { fork } from "node:child_process";
import { createServer as createHttpServer } from "node:http";
import { connect } from "node:net";
import { parseArgs } from "node:util";

const KEYS = ["user", "kind", "repo"];
const BATCH = 100;
const SOCKETS = 8;
const ROUNDS = 5;

/** Reproducible randomness (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Like the recorded activity of public repositories: few kinds, tens of repos, thousands of users. */
function activity(seed) {
  const next = random(seed);
  const below = (limit) => Math.floor(next() * limit);
  let time = Date.UTC(2020, 0, 1);
  return () => {
    time += below(60_000);
    const kind = ["commit", "commit", "commit", "merge", "release"][below(5)];
    return {
      kind,
      repo: `owner/repo-${below(34)}`,
      user: below(2000),
      files: below(40),
      added: below(900),
      removed: below(300),
      date: new Date(time).toISOString(),
    };
  };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const text = (value, digits = 1) =>
  value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });

// ---------------------------------------------------------------- the servers, each a child process

async function bare() {
  const events = [];
  const http = createHttpServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      events.push(...JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(200, { "content-length": 0 }).end();
    });
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  return http.address().port;
}

async function ours() {
  const { createServer, memory } = await import("sluicebox/server");
  const { serve } = await import("sluicebox/node");
  return (await serve(createServer({ store: memory({ keys: KEYS }) }), { port: 0 })).port;
}

if (process.send) {
  const port = await { bare, ours }[process.argv[2]]();
  process.send({ port });
  process.on("message", () =>
    process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss }),
  );
  process.on("disconnect", () => process.exit());
}

// ---------------------------------------------------------------- the load

const ask = (child) =>
  new Promise((resolve) => {
    child.once("message", resolve);
    child.send("cpu");
  });

/** Posts batches on several connections for this long; events a second, and CPU time of the server. */
async function load(kind, bodies, millis) {
  const child = fork(new URL(import.meta.url), [kind]);
  const { port } = await new Promise((resolve) => child.once("message", resolve));
  const post = async (until) => {
    let sent = 0;
    await Promise.all(
      Array.from({ length: SOCKETS }, async () => {
        const socket = connect(port, "127.0.0.1");
        while (performance.now() < until) {
          socket.write(bodies[sent++ % bodies.length]);
          await new Promise((resolve, reject) => {
            socket.once("data", (answer) =>
              answer.subarray(9, 12).toString() === "200" ? resolve() : reject(answer.toString()),
            );
          });
        }
        socket.destroy();
      }),
    );
    return sent * BATCH;
  };
  await post(performance.now() + 500);
  const before = await ask(child);
  const since = performance.now();
  const events = await post(since + millis);
  const seconds = (performance.now() - since) / 1000;
  const after = await ask(child);
  child.kill();
  const cpu = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  return { perSecond: events / seconds, cpuPerEvent: cpu / events, rss: after.rss };
}

async function ingest(millis) {
  const next = activity(1);
  const bodies = Array.from({ length: 50 }, () => {
    const body = JSON.stringify(Array.from({ length: BATCH }, next));
    return Buffer.from(
      `POST /v1/collect/activity HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  console.log(
    `ingest, batches of ${BATCH}, ${SOCKETS} connections, ${ROUNDS} rounds of each in turn`,
  );
  const results = { bare: [], ours: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of ["bare", "ours"]) results[kind].push(await load(kind, bodies, millis));
  }
  for (const kind of ["bare", "ours"]) {
    const of = (name) => median(results[kind].map((result) => result[name]));
    const rate = text(of("perSecond"), 0).padStart(9);
    console.log(`  ${kind}  ${rate} events/s   ${text(of("cpuPerEvent"), 2)} µs CPU an event`);
  }
  const ratio = (name) =>
    median(results.ours.map((result) => result[name])) /
    median(results.bare.map((result) => result[name]));
  console.log(`  throughput ${text(ratio("perSecond"), 2)}× of bare (at least 0.5×, aim 0.8×)`);
}

// ---------------------------------------------------------------- items

async function items(sizes) {
  const { createServer, memory } = await import("sluicebox/server");
  console.log("items, two keys, page of 20, in process");
  for (const size of sizes) {
    const server = createServer({ store: memory({ keys: KEYS }), maxBodyBytes: 64 << 20 });
    const next = activity(2);
    const since = performance.now();
    for (let at = 0; at < size; at += 1000) {
      const body = JSON.stringify(Array.from({ length: Math.min(1000, size - at) }, next));
      const request = new Request("http://x/v1/collect/activity", { method: "POST", body });
      const { status } = await server.fetch(request);
      if (status !== 200) throw new Error(`status ${status}`);
    }
    const filled = (performance.now() - since) / 1000;
    for (const [name, where] of [
      ["kind, repo", (i) => ({ kind: "merge", repo: `owner/repo-${i % 34}` })],
      ["user, kind", (i) => ({ user: i % 2000, kind: "commit" })],
      ["[kind], repo", (i) => ({ kind: ["merge", "release"], repo: `owner/repo-${i % 34}` })],
    ]) {
      const times = [];
      let found = 0;
      for (let i = 0; i < 3000; i++) {
        const started = performance.now();
        found += (await server.items({ where: where(i), end: 20 })).length;
        if (i >= 1000) times.push(performance.now() - started);
      }
      times.sort((a, b) => a - b);
      const at = (share) => text(times[Math.floor(times.length * share)] * 1000, 1).padStart(7);
      console.log(
        `  ${text(size, 0).padStart(9)} events  ${name.padEnd(12)}  p50 ${at(0.5)} µs  p99 ${at(0.99)} µs` +
          `  ${text(found / 3000, 1)} items a page`,
      );
    }
    console.log(
      `  ${text(size, 0).padStart(9)} events  filled in ${text(filled, 1)} s, resident ${text(process.memoryUsage().rss / 1e6, 0)} MB`,
    );
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      items: { type: "string", default: "10000,1000000" },
      seconds: { type: "string", default: "4" },
      "skip-ingest": { type: "boolean" },
      "skip-items": { type: "boolean" },
    },
  });
  if (!values["skip-ingest"]) await ingest(Number(values.seconds) * 1000);
  if (!values["skip-items"]) await items(values.items.split(",").map(Number));
}

if (!process.send) await main();
