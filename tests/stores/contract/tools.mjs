// What the cases of the store contract are written with. Imports only what workerd has too.

import assert from "node:assert/strict";

export const BASE = "http://store.test";

/** The longest that a case waits for what must come, in milliseconds. */
const PATIENCE = 60_000;

/** Asks until the answer is truthy. */
export async function until(what, ask) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const send = (server, method, path, body, headers) =>
  server.fetch(
    new Request(BASE + path, {
      method,
      headers,
      body: typeof body === "string" || body == null ? body : JSON.stringify(body),
    }),
  );

/** Resolves to { status, body }; a body that is JSON is read. */
export async function call(server, method, path, body, headers) {
  const response = await send(server, method, path, body, headers);
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    return { status: response.status, body: text };
  }
}

/** Stores events through Stride; they are kept, or the case fails. */
export async function collect(server, stream, events) {
  const { status, body } = await call(server, "POST", `/v1/collect/${stream}`, events);
  assert.equal(status, 200, JSON.stringify(body));
}

/** A call of AwesomeStream: its result. */
export async function rpc(server, method, kwargs = {}, args = []) {
  const { body } = await call(server, "POST", "/", { id: 1, method, args, kwargs });
  assert.equal(body.error, null);
  return body.result;
}

/** The member `n` of each item. */
export async function numbers(server, query) {
  return (await server.items({ end: null, ...query })).map(({ n }) => n);
}

/** Events that come live: { position, take(count), cancel() }. It begins before this resolves. */
export async function follow(server, path = "/subscribe") {
  const response = await send(server, "GET", path);
  assert.equal(response.status, 200);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const events = [];
  let rest = "";
  const read = async () => {
    const { value, done } = await reader.read();
    assert.ok(!done, "the live body ended");
    const lines = (rest + value).split("\r\n");
    rest = lines.pop();
    for (const line of lines) if (line) events.push(JSON.parse(line));
  };
  return {
    position: response.headers.get("last-event-id"),
    async take(count) {
      let timer;
      const late = new Promise((_, reject) => {
        const error = () => reject(new Error(`${events.length} of ${count} events came live`));
        timer = setTimeout(error, PATIENCE);
      });
      try {
        while (events.length < count) await Promise.race([read(), late]);
      } finally {
        clearTimeout(timer);
      }
      return events.splice(0, count);
    },
    cancel: () => reader.cancel(),
  };
}

export const live = (stream, query = "") => `/v1/collect/${stream}/subscribe${query}`;

/** Random numbers that are the same each time (mulberry32): below a bound. */
export function dice(seed) {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

export const range = (length) => Array.from({ length }, (_, index) => index);
