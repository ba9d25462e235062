// Both ends of a subscription that a test holds in its hands: a server that says exactly what it is
// told, and a network between a client and a real server that can be cut.

import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";

/** Answers each request by the next of `answers`, the last for all others: (response, request). */
export async function scripted(t, ...answers) {
  const requests = [];
  const http = createHttpServer((request, response) => {
    request.closed_ = once(request.socket, "close");
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(request);
    answer(response, request);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.after(() => {
    http.close();
    http.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${http.address().port}`, requests };
}

/** An answer: these chunks, each a write of its own, and then the end unless it stays open. */
export const says =
  (chunks, { type = "application/json", stays = true } = {}) =>
  async (response) => {
    response.writeHead(200, { "content-type": type }).flushHeaders();
    for (const chunk of chunks) {
      response.write(chunk);
      // Two writes of one turn may come as one chunk.
      await new Promise(setImmediate);
    }
    if (!stays) response.end();
  };

export const refuses =
  (status, body = "", headers = {}) =>
  (response) =>
    response.writeHead(status, headers).end(body);

/** The network in front of a port. */
export async function network(t, port) {
  const pairs = new Set();
  let isDown = false;
  const listener = createServer((near) => {
    if (isDown) return near.destroy();
    const far = connect(port, "127.0.0.1");
    const pair = { near, far };
    pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    for (const socket of [near, far]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const cut = () => {
    for (const { near, far } of pairs) [near, far].forEach((socket) => socket.destroy());
  };
  t.after(() => {
    listener.close();
    cut();
  });
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    /** Every connection breaks, wherever in a frame it is. */
    cut,
    down: () => {
      isDown = true;
      cut();
    },
    up: () => (isDown = false),
    connections: () => pairs.size,
  };
}

/** The next `count` events. */
export async function take(subscription, count) {
  const events = [];
  while (events.length < count) {
    const { value, done } = await subscription.next();
    if (done) break;
    events.push(value);
  }
  return events;
}

const clock = performance.now.bind(performance);

/** What hangs must fail and say so; what is only slow, on a machine that is busy, must not. */
const HANGS = 60_000;

/** Asks until the answer is true; fails after a minute. */
export async function eventually(what, ask) {
  // A test may have another clock in the meantime.
  const until = clock() + HANGS;
  while (!(await ask())) {
    if (clock() > until) throw new Error(`not within ${HANGS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
