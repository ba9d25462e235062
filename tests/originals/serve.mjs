// The stream server as a shell starts it, for the official clients to send to.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StreamClient } from "sluicebox";
import { at } from "../../pkg/scripts/lib.mjs";
import { recorder } from "./recorder.mjs";

/** What every server here is started with: its store is the default one, a file. */
const ARGUMENTS = ["serve", "--port", "0", "--keys", "key,type,event,kind,user"];

/** The key that reads back what the clients sent. */
const READER = "reader";

/** What stands in requests, and is the proxy's own business. */
const HOP = ["host", "connection", "content-length", "transfer-encoding", "keep-alive"];

/**
 * Starts a server that ends with the test. `keys` are those of the clients, each with its role; with
 * none at all the server is open to everybody.
 */
export async function served(t, keys, ...more) {
  const guarded = keys.length > 0 ? [...keys, `${READER}:admin`] : [];
  const given = guarded.flatMap((key) => ["--key", key]);
  const folder = mkdtempSync(join(tmpdir(), "sluicebox-serve-"));
  const command = [at("pkg/dist/cli.js"), ...ARGUMENTS, ...given, ...more];
  const child = spawn(process.execPath, command, { cwd: folder });
  const ended = new Promise((resolve) => child.once("close", resolve));
  t.after(async () => {
    child.kill("SIGTERM");
    assert.equal(await ended, 0, "a signal ends it well");
    rmSync(folder, { recursive: true, force: true });
  });
  let said = "";
  const url = await new Promise((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      said += text;
      const found = /listens on (\S+)\n/.exec(said);
      if (found) resolve(found[1]);
    });
    child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
    ended.then((code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  return { url, reader: new StreamClient(url, keys.length > 0 ? { apiKey: READER } : {}) };
}

/** All events, or those of a stream, in the order in which they are kept. */
export async function kept({ reader }, stream) {
  const where = stream === undefined ? {} : { $stream: stream };
  return (await reader.items({ where, start: 0, end: 10_000 })).reverse();
}

/** Resolves to the kept events when there are so many. */
export async function keptWhen(server, count, stream, timeout = 60_000) {
  const end = performance.now() + timeout;
  for (;;) {
    const events = await kept(server, stream);
    if (events.length >= count) return events;
    if (performance.now() > end) throw new Error(`${events.length} of ${count} events are kept`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Follows the server from now on; `next(count)` resolves to so many events as they came. */
export async function following(t, { reader }) {
  const live = await reader.subscribe();
  const events = live[Symbol.asyncIterator]();
  t.after(() => events.return());
  return async (count) => {
    const seen = [];
    while (seen.length < count) seen.push((await events.next()).value);
    return seen;
  };
}

/**
 * The same server seen through a proxy that keeps each request, and what it was answered. After
 * `gather(count)` it holds requests back until there are so many, and passes them on at once.
 */
export async function watched(t, { url }) {
  const answers = [];
  let missing = 0;
  let release = () => {};
  let gathered;
  const gather = (count) => {
    missing = count;
    gathered = new Promise((resolve) => (release = resolve));
  };
  const proxy = await recorder(async ({ method, path, headers, raw }) => {
    missing -= 1;
    if (missing === 0) release();
    await gathered;
    const sent = Object.entries(headers).filter(([name]) => !HOP.includes(name));
    const body = method === "GET" ? undefined : raw;
    const answer = await fetch(url + path, { method, headers: Object.fromEntries(sent), body });
    const text = await answer.text();
    const kept = [...answer.headers].filter(([name]) => !HOP.includes(name));
    answers.push({
      path,
      status: answer.status,
      retryAfter: answer.headers.get("retry-after"),
      text,
    });
    return { status: answer.status, headers: Object.fromEntries(kept), body: text };
  });
  t.after(() => proxy.close());
  return { url: proxy.url, answers, requests: proxy.requests, gather };
}

/** Only these members of each, so that what a server adds need not be listed. */
export function pick(value, shape) {
  if (Array.isArray(shape)) return shape.map((one, index) => pick(value?.[index], one));
  if (shape === null || typeof shape !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(shape).map((name) => [name, pick(value?.[name], shape[name])]),
  );
}

/** That each event has all these members, and there are as many events. */
export function assertEvents(events, expected) {
  assert.deepEqual(pick(events, expected), expected);
  assert.equal(events.length, expected.length);
}
