// What the stream server costs, beside a bare Node handler that parses and pushes.
//
//   node tests/bench/server.mjs [--stores memory,sqlite,postgres,redis] [--items 10000,1000000]
//                               [--seconds 4] [--skip-ingest] [--skip-items]
//
// Each server runs in a process of its own; the load comes from raw sockets with ready-made bytes,
// so it costs next to nothing. Bare and ours take turns, and the medians are compared.

import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect } from "node:net";
import { parseArgs } from "node:util";
import { activity, KEYS, recorded } from "./activity.mjs";
import { engines } from "./engines.mjs";

const BATCH = 100;
const SOCKETS = 8;
const ROUNDS = 5;

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

let stop = async () => {};

async function ours(kind) {
  const { createServer } = await import("sluicebox/server");
  const { serve } = await import("sluicebox/node");
  const engine = await engines[kind](KEYS);
  const { port, close } = await serve(createServer({ store: engine.store }), { port: 0 });
  stop = () => close().then(engine.stop);
  return port;
}

if (process.send) {
  const kind = process.argv[2];
  const port = await (kind === "bare" ? bare() : ours(kind));
  process.send({ port });
  process.on("message", () =>
    process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss }),
  );
  process.on("disconnect", () => stop().finally(() => process.exit()));
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
  child.disconnect();
  await once(child, "exit");
  const cpu = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  return { perSecond: events / seconds, cpuPerEvent: cpu / events, rss: after.rss };
}

async function ingest(millis, stores) {
  const next = activity();
  const bodies = Array.from({ length: 500 }, () => {
    // Without an id and a time each event is a new one of now, however often its body is sent.
    const some = { $id: undefined, $timestamp: undefined };
    const events = Array.from({ length: BATCH }, () => ({ ...next(), ...some }));
    const body = JSON.stringify(events);
    return Buffer.from(
      `POST /v1/collect/activity HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  console.log(
    `ingest, batches of ${BATCH}, ${SOCKETS} connections, ${ROUNDS} rounds of each in turn`,
  );
  const kinds = ["bare", ...stores];
  const results = Object.fromEntries(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of kinds) results[kind].push(await load(kind, bodies, millis));
  }
  const of = (kind, name) => median(results[kind].map((result) => result[name]));
  for (const kind of kinds) {
    const rate = text(of(kind, "perSecond"), 0).padStart(9);
    const ratio = text(of(kind, "perSecond") / of("bare", "perSecond"), 3);
    console.log(
      `  ${kind.padEnd(9)} ${rate} events/s  ${ratio}× of bare` +
        `  ${text(of(kind, "cpuPerEvent"), 2)} µs CPU of the Node process an event`,
    );
  }
  console.log("  (memory: at least 0.5×, aim 0.8×)");
}

// ---------------------------------------------------------------- items

/** Filters of the recorded events themselves, so that all kinds of users and repositories occur. */
const FILTERS = [
  ["kind, repo", ({ repo }) => ({ kind: "merge", repo })],
  ["user, kind", ({ user = 0 }) => ({ user, kind: "commit" })],
  ["user, kind, repo", ({ user = 0, kind, repo }) => ({ user, kind, repo })],
  ["[kind], repo", ({ repo }) => ({ kind: ["merge", "release"], repo })],
  ["repo", ({ repo }) => ({ repo })],
  ["nothing", () => ({})],
];

async function items(sizes, kind) {
  const { createServer } = await import("sluicebox/server");
  const calls = kind === "memory" ? 3000 : 300;
  for (const size of sizes) {
    const { store, stop } = await engines[kind](KEYS);
    const server = createServer({ store, maxBodyBytes: 64 << 20 });
    const next = activity(size);
    const since = performance.now();
    for (let at = 0; at < size; at += 1000) {
      const body = JSON.stringify(Array.from({ length: Math.min(1000, size - at) }, next));
      const request = new Request("http://x/v1/collect/activity", { method: "POST", body });
      const { status } = await server.fetch(request);
      if (status !== 200) throw new Error(`status ${status}`);
    }
    const filled = (performance.now() - since) / 1000;
    for (const [name, where] of FILTERS) {
      const times = [];
      let found = 0;
      for (let i = 0; i < calls; i++) {
        const filter = where(recorded[(i * 7919) % recorded.length]);
        const started = performance.now();
        found += (await server.items({ where: filter, end: 20 })).length;
        if (i >= calls / 3) times.push(performance.now() - started);
      }
      times.sort((a, b) => a - b);
      const at = (share) => text(times[Math.floor(times.length * share)] * 1000, 1).padStart(9);
      console.log(
        `  ${kind.padEnd(9)} ${text(size, 0).padStart(9)} events  ${name.padEnd(16)}` +
          `  p50 ${at(0.5)} µs  p99 ${at(0.99)} µs  ${text(found / calls, 1)} items a page`,
      );
    }
    console.log(
      `  ${kind.padEnd(9)} ${text(size, 0).padStart(9)} events  filled in ${text(filled, 1)} s`,
    );
    await server.close();
    await stop();
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      stores: { type: "string", default: Object.keys(engines).join() },
      items: { type: "string", default: "10000,1000000" },
      seconds: { type: "string", default: "4" },
      "skip-ingest": { type: "boolean" },
      "skip-items": { type: "boolean" },
    },
  });
  const stores = values.stores.split(",");
  if (!values["skip-ingest"]) await ingest(Number(values.seconds) * 1000, stores);
  if (values["skip-items"]) return;
  console.log("items, page of 20, in process");
  for (const kind of stores) await items(values.items.split(",").map(Number), kind);
}

if (!process.send) await main();
