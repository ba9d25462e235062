// A subscription over a network that breaks, to the real stream server: no gap, no repeat, no flood.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { test } from "node:test";
import { StreamClient, Stride } from "sluicebox";
import { serve } from "sluicebox/node";
import { createServer, memory } from "sluicebox/server";
import { eventually, network, take } from "./live.mjs";

const MIB = 1024 * 1024;

const numbers = (count, from = 0) => Array.from({ length: count }, (_, i) => from + i);

/** Stores { i } for each of these numbers. */
async function collect(server, stream, all, more) {
  for (let at = 0; at < all.length; at += 1000) {
    const body = JSON.stringify(all.slice(at, at + 1000).map((i) => ({ i, ...more })));
    const init = { method: "POST", body };
    const { status } = await server.fetch(new Request(`http://x/v1/collect/${stream}`, init));
    assert.equal(status, 200);
  }
}

async function served(t) {
  const server = createServer({ store: memory({ keys: ["i"] }) });
  const { port, close } = await serve(server, { port: 0 });
  t.after(close);
  const link = await network(t, port);
  return { server, link };
}

/** The numbers of the next `count` events. */
const next = async (live, count) => (await take(live, count)).map(({ i }) => i);

for (const [via, count] of [
  ["stream", 100_000],
  ["eventsource", 20_000],
]) {
  test(`${via}: ${count} events come in order`, async (t) => {
    const { server, link } = await served(t);
    const all = numbers(count);
    const live = await new StreamClient(link.url).subscribe({ via });
    const seen = next(live, all.length);
    await collect(server, "s", all);
    assert.deepEqual(await seen, all);
    live.close();
    await eventually("the server let it go", () => link.connections() === 0);
  });

  test(`${via}: connections that break anywhere leave no gap and no repeat`, async (t) => {
    t.mock.method(Math, "random", () => 0.02);
    const { server, link } = await served(t);
    const stride = new Stride("key", { endpoint: `${link.url}/v1` });
    const { data: live } = await stride.subscribe("/collect/s", { via });
    const all = numbers(20_000);
    let cuts = 0;
    const sent = (async () => {
      for (let at = 0; at < all.length; at += 500) {
        await collect(server, "s", all.slice(at, at + 500), { text: "ä".repeat(200) });
        // At another moment each time: in a frame, between two, while it connects, while it waits.
        await new Promise((resolve) => setTimeout(resolve, at % 7));
        if (at % 2000 === 0 && ++cuts) link.cut();
      }
    })();
    assert.deepEqual(await next(live, all.length), all);
    await sent;
    assert.equal(cuts, 10);
    live.close();
  });

  test(`${via}: a network that is away for a while leaves no gap and no repeat`, async (t) => {
    t.mock.method(Math, "random", () => 0.02);
    const { server, link } = await served(t);
    const live = await new StreamClient(link.url).subscribe({ via });
    await collect(server, "s", numbers(10));
    assert.deepEqual(await next(live, 5), numbers(5));
    link.down();
    await eventually("it waits", () => live.state === "waiting");
    await collect(server, "s", numbers(10, 10));
    link.up();
    assert.deepEqual(await next(live, 15), numbers(15, 5));
    assert.equal(live.state, "open");
    live.close();
  });
}

test("a server that is stopped and started again leaves no gap and no repeat", async (t) => {
  t.mock.method(Math, "random", () => 0.02);
  const server = createServer();
  // The store lives on, as one on a disk does: only what listens is stopped.
  const started = async (port) => {
    const http = createHttpServer(async (incoming, outgoing) => {
      const { status, headers, body } = await server.fetch(new Request(`http://x${incoming.url}`));
      outgoing.writeHead(status, Object.fromEntries(headers)).flushHeaders();
      const reader = body.getReader();
      outgoing.once("close", () => reader.cancel());
      for (let part; !(part = await reader.read()).done;) outgoing.write(part.value);
    });
    http.listen(port, "127.0.0.1");
    await once(http, "listening");
    return http;
  };
  const stopped = (http) => {
    const closed = new Promise((resolve) => http.close(resolve));
    http.closeAllConnections();
    return closed;
  };
  let http = await started(0);
  t.after(() => stopped(http));
  const { port } = http.address();
  const live = await new StreamClient(`http://127.0.0.1:${port}`).subscribe();
  const all = numbers(3000);
  const seen = next(live, all.length);
  for (let at = 0; at < all.length; at += 1000) {
    await collect(server, "s", all.slice(at, at + 500));
    await stopped(http);
    await collect(server, "s", all.slice(at + 500, at + 1000));
    http = await started(port);
    await once(http, "request");
  }
  assert.deepEqual(await seen, all);
  live.close();
});

test("a filter holds over reconnection", async (t) => {
  t.mock.method(Math, "random", () => 0.02);
  const { server, link } = await served(t);
  const live = await new StreamClient(link.url).subscribe({ where: { i: [3, 12, 14] } });
  await collect(server, "s", numbers(10));
  assert.deepEqual(await next(live, 1), [3]);
  link.cut();
  await collect(server, "s", numbers(10, 10));
  assert.deepEqual(await next(live, 2), [12, 14]);
  live.close();
});

test("200 MB for a reader that does not read stay where they are, and then come whole", async (t) => {
  const text = "x".repeat(10_000);
  const count = 20_000;
  let written = 0;
  const http = createHttpServer(async (_, response) => {
    response.writeHead(200).flushHeaders();
    for (let i = 0; i < count; i++) {
      if (!response.write(`{"i":${i},"text":"${text}"}\r\n`)) await once(response, "drain");
      written = i + 1;
    }
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.after(() => {
    http.close();
    http.closeAllConnections();
  });
  const live = await new StreamClient(`http://127.0.0.1:${http.address().port}`).subscribe();
  const held = () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  let before = -1;
  await eventually("the server waits", async () => {
    const still = written === before;
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 30));
    return still && written > 0;
  });
  // What the sockets of both sides hold is the system's business.
  assert.ok(written * text.length < 20 * MIB, `${written} events were sent`);
  let most = 0;
  const since = held();
  for (let i = 0; i < count; i++) {
    const { value } = await live.next();
    assert.equal(value.i, i);
    if (i % 1000 === 0) {
      // A reader that has something else to do.
      await new Promise((resolve) => setTimeout(resolve, 5));
      most = Math.max(most, held() - since);
    }
  }
  assert.ok(most < 100 * MIB, `${most / MIB} MiB`);
  live.close();
});
