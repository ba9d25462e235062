// What a live subscription costs, beside a loop by hand: read, decode, split, parse.
//
//   node tests/bench/subscribe.mjs [--events 100000] [--rounds 9] [--chromium]
//
// The server is a process of its own and writes ready-made bytes. All ways take turns; what is
// shown is the median, and the median of the ratios within a round.

import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { at } from "../../pkg/scripts/lib.mjs";
import { launchBrowser } from "../e2e/launch.mjs";

const CHUNK = 64 * 1024;

/** About 300 bytes each, as the stream server sends them. */
function frames(count, sse) {
  const start = Date.UTC(2020, 0, 1);
  const all = Array.from({ length: count }, (_, i) => {
    const id = `${String(i).padStart(8, "0")}-aaaa-4bbb-8ccc-dddddddddddd`;
    const text = JSON.stringify({
      kind: "commit",
      repo: `owner/repo-${i % 34}`,
      user: i % 2000,
      files: i % 40,
      added: i % 900,
      title: "The quick brown fox jumps over the lazy dog and runs away ".repeat(2),
      $id: id,
      $timestamp: new Date(start + i * 1000).toISOString(),
    });
    return sse ? `id: ${id}\ndata: ${text}\n\n` : `${text}\r\n`;
  });
  return Buffer.from(all.join(""));
}

async function serve(count) {
  const bodies = { false: frames(count, false), true: frames(count, true) };
  const http = createServer(async (request, response) => {
    if (request.url === "/") return response.setHeader("content-type", "text/html").end("<p>");
    if (request.url === "/index.js") {
      return response
        .setHeader("content-type", "text/javascript")
        .end(readFileSync(at("pkg/dist/index.js")));
    }
    const sse = request.headers.accept?.includes("text/event-stream") ?? false;
    response.writeHead(200, { "content-type": sse ? "text/event-stream" : "application/json" });
    const body = bodies[sse];
    let wake;
    response.once("close", () => wake?.());
    for (let from = 0; from < body.length && !response.destroyed; from += CHUNK) {
      if (response.write(body.subarray(from, from + CHUNK))) continue;
      await new Promise((resolve) => {
        wake = resolve;
        response.once("drain", resolve);
      });
    }
    response.end();
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  process.send({ port: http.address().port, bytes: bodies.false.length });
  process.on("disconnect", () => process.exit());
}

/** Runs in Node and in a page: milliseconds of each round of each way. */
async function measure({ source, url, count, rounds, vias }) {
  const { StreamClient } = await import(source);
  const ways = {
    async "by hand"() {
      const response = await fetch(`${url}/subscribe`);
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      let partial = "";
      let seen = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return seen;
        const lines = (partial + decoder.decode(value, { stream: true })).split("\n");
        partial = lines.pop();
        for (const line of lines) if (JSON.parse(line)) seen++;
      }
    },
  };
  if (globalThis.EventSource) {
    ways["EventSource by hand"] = () =>
      new Promise((resolve) => {
        const source = new EventSource(`${url}/subscribe`);
        let seen = 0;
        source.onmessage = ({ data }) => {
          if (JSON.parse(data)) seen++;
          if (seen < count) return;
          source.close();
          resolve(seen);
        };
      });
  }
  for (const via of vias) {
    ways[via] = async () => {
      let seen = 0;
      for await (const event of await new StreamClient(url).subscribe({ via, reconnect: false })) {
        // An EventSource does not see an end: it is the last event that ends the round.
        if (event && ++seen === count) break;
      }
      return seen;
    };
  }
  const times = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = -2; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const since = performance.now();
      const seen = await way();
      if (seen !== count) throw new Error(`${name}: ${seen} events`);
      if (round >= 0) times[name].push(performance.now() - since);
    }
  }
  return times;
}

function show(where, times, count, bytes) {
  const median = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];
  console.log(`${where}: ${count} events, ${(bytes / count).toFixed(0)} bytes each`);
  for (const [name, all] of Object.entries(times)) {
    const time = median(all);
    const perEvent = `${((time / count) * 1000).toFixed(2)} µs an event`;
    // Of the same round: what else the machine does then slows both.
    const ratios = all.map((one, round) => one / times["by hand"][round]);
    const ratio = `${median(ratios).toFixed(2)}× by hand`;
    console.log(`  ${name.padEnd(19)} ${time.toFixed(0).padStart(5)} ms  ${perEvent}  ${ratio}`);
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      events: { type: "string", default: "100000" },
      rounds: { type: "string", default: "9" },
      chromium: { type: "boolean" },
    },
  });
  const [count, rounds] = [Number(values.events), Number(values.rounds)];
  const child = fork(new URL(import.meta.url), [String(count)]);
  const { port, bytes } = await new Promise((resolve) => child.once("message", resolve));
  const url = `http://127.0.0.1:${port}`;
  const vias = ["stream", "eventsource"];
  try {
    const source = "sluicebox";
    show("Node.js", await measure({ source, url, count, rounds, vias }), count, bytes);
    if (values.chromium) {
      const browser = await launchBrowser();
      const page = await browser.newPage();
      await page.goto(url);
      const asked = { source: `${url}/index.js`, url, count, rounds, vias };
      show("Chromium", await page.evaluate(measure, asked), count, bytes);
      await browser.close();
    }
  } finally {
    child.disconnect();
  }
}

if (process.send) await serve(Number(process.argv[2]));
else await main();
