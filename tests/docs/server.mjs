// The stream server that stands for the one in the texts, and what a block must have brought it.

import assert from "node:assert/strict";
import { createServer, memory } from "sluicebox/server";
import { serve } from "sluicebox/node";
import { eventually } from "../e2e/app.mjs";

/** Every key that the texts ask by. */
const KEYS = ["event", "userId", "kind", "user", "key", "repo", "type"];

/** A stream server for one block: { url, port, events(), insert(), close() }. */
export async function startServer() {
  const server = createServer({ store: memory({ keys: KEYS }), cors: "*" });
  const { url, port, close } = await serve(server, { port: 0 });
  return {
    url,
    port,
    insert: (event, options) => server.insert(event, options),
    events: (stream) => server.items({ end: 10_000, ...(stream && { stream }) }),
    streams: async () => (await fetch(`${url}/v1/collect`)).json(),
    close,
  };
}

const all = (source, pattern) => [...source.matchAll(pattern)].map(([, name]) => name);

/** What the calls of a block send, read from the block itself. */
export function wanted(source) {
  // `anything.subscribe(` and comments bring nothing.
  const code = source.replace(/^\s*\/\/.*$/gm, "");
  return {
    events: [
      ...all(code, /\.track\(\s*"([^"]+)"/g),
      ...all(code, /insert\(\s*\{[^}]*event: "([^"]+)"/g),
    ],
    types: all(code, /\.(identify|page|screen|group|alias)\(/g),
    streams: all(code, /\.collect\(\s*"(\w+)"/g),
    keys: all(code, /\.log\(\s*"([^"]+)"/g),
  };
}

/** Resolves when all of it is at the server, and fails with what is missing. */
export async function arrived(server, source, timeout) {
  const { events, types, streams, keys } = wanted(source);
  let missing;
  const isThere = async () => {
    const there = await server.events();
    const known = await server.streams();
    const lacks = (names, has) => names.filter((name) => !has(name));
    missing = [
      ...lacks(events, (name) => there.some(({ event }) => event === name)),
      ...lacks(types, (name) => there.some(({ type }) => type === name)),
      ...lacks(streams, (name) => known.includes(name)),
      ...lacks(keys, (name) => there.some(({ key }) => key === name)),
    ];
    return missing.length === 0;
  };
  try {
    await eventually("everything that the block sends", isThere, timeout);
  } catch {
    assert.fail(`not at the server: ${missing.join(", ")}`);
  }
}

/**
 * While a block follows a stream, events come to it until `isDone()`: one of each kind that it may be
 * waiting for.
 */
export async function feed(server, source, isDone) {
  const streams = all(source, /subscribe\(\s*"\/collect\/(\w+)"/g);
  for (const end = Date.now() + 60_000; !isDone();) {
    if (Date.now() > end) throw new Error("the block heard nothing of its subscription");
    for (const stream of streams.length ? streams : [undefined]) {
      const event = { event: "Signed Up", userId: "u1", kind: "watch", user: 291 };
      await server.insert(event, stream && { stream });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const follows = (source) => /\.subscribe\(/.test(source);
