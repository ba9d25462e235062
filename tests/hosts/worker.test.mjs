// Cloudflare Workers: a client outlives the request that made it, and workerd ends with a request
// what it began. Nothing may be lost by that, and nothing may hang.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Analytics, StreamClient } from "sluicebox";
import { at } from "../../pkg/scripts/lib.mjs";
import { eventually } from "../node/live.mjs";
import { answer } from "./answers.mjs";
import { startRecorder } from "./recorder.mjs";
import { startWorker } from "./workerd.mjs";

let recorder, worker;

before(async () => {
  recorder = await startRecorder(answer);
  worker = await startWorker(at("tests/hosts/run/worker.mjs"));
});

after(async () => {
  await worker?.close();
  await recorder.close();
});

async function call(route, run, name = "") {
  const base = encodeURIComponent(recorder.base(run));
  const response = await fetch(`${worker.url}/${route}?base=${base}&name=${name}`);
  const text = await response.text();
  assert.equal(response.status, 200, `${route}: ${text}\n${worker.output()}`);
  return JSON.parse(text);
}

/** What a request began and left behind may be sent again; the server stores an id once. */
const events = (run) => {
  const all = recorder.requests(run).flatMap(({ body }) => body.batch ?? []);
  return [...new Map(all.map(({ messageId, event }) => [messageId, event])).values()];
};

const arrived = (run, ...names) =>
  eventually(`${names} at the recorder`, () => names.every((name) => events(run).includes(name)));

test("a client of one request answers at once and waitUntil sees to the rest", async () => {
  const ledger = await call("own", "slow-own", "a");
  assert.deepEqual([ledger.accepted, ledger.delivered, ledger.pending], [2, 0, 2]);
  await arrived("slow-own", "a", "a again");
  assert.equal(recorder.requests("slow-own").length, 1);
});

test("every client can stand at module scope", async () => {
  const { ledgers, collect, items } = await call("others", "others");
  assert.deepEqual(
    ledgers.map(({ delivered }) => delivered),
    [1, 1],
  );
  assert.deepEqual(collect.data, ["clicks", "app_events"]);
  assert.equal(items.length, 2);
});

test("an event at module scope is refused in the runtime's words, and breaks nothing", async () => {
  const [refusal, { accepted, delivered }] = await call("early", "early", "a");
  assert.match(refusal, /within global scope/);
  assert.deepEqual([accepted, delivered, events("early")], [1, 1, ["a"]]);
});

test("a client of the module serves one request after another", async () => {
  for (const name of ["a", "b", "c"]) {
    const { delivered, pending } = await call("flushed", "one-by-one", name);
    assert.deepEqual([delivered > 0, pending], [true, 0]);
  }
  assert.deepEqual(events("one-by-one"), ["a", "b", "c"]);
});

test("requests at the same time share a client, and each event arrives, once by its id", async () => {
  const names = Array.from({ length: 60 }, (_, index) => `e${index}`);
  const routes = ["flushed", "shared", "forgotten"];
  await Promise.all(names.map((name, index) => call(routes[index % 3], "slow-many", name)));
  await call("flushed", "slow-many", "last");
  await arrived("slow-many", ...names, "last");
  assert.deepEqual(events("slow-many").sort(), [...names, "last"].sort());
});

test("what a request tracked and did not wait for goes with the next", async () => {
  await call("forgotten", "forgotten", "a");
  await new Promise((resolve) => setTimeout(resolve, 700));
  await call("flushed", "forgotten", "b");
  assert.deepEqual(events("forgotten"), ["a", "b"]);
});

test("what was on its way when its request ended is sent again by the next", async () => {
  await call("abandoned", "slow-abandoned", "a");
  const { pending } = await call("flushed", "slow-abandoned", "b");
  assert.equal(pending, 0);
  await arrived("slow-abandoned", "a", "b");
});

test("the Worker of the README delivers what each request tracks", async () => {
  const blocks = readFileSync(at("README.md"), "utf8").matchAll(
    /```js\n([^`]*cloudflare:[^`]*)```/g,
  );
  const [[, source], ...more] = blocks;
  assert.equal(more.length, 0);
  const url = "https://events.example.com";
  assert.ok(source.includes(url));
  const own = await startWorker({ source: source.replace(url, recorder.base("slow-readme")) });
  try {
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
    const answers = await Promise.all(paths.map((path) => fetch(own.url + path)));
    assert.ok(answers.every(({ status }) => status === 200));
    await eventually(
      "an event of each request",
      () => events("slow-readme").length >= paths.length,
    );
    const bodies = recorder.requests("slow-readme").flatMap(({ body }) => body.batch);
    assert.deepEqual(bodies.map(({ properties }) => properties.path).sort(), paths.sort());
    assert.equal(own.output(), "");
  } finally {
    await own.close();
  }
});

test("the stream server runs in a Worker, live subscriptions over requests included", async () => {
  const own = await startWorker(at("tests/hosts/run/server.mjs"));
  try {
    const client = new StreamClient(own.url);
    const live = await client.subscribe();
    const analytics = new Analytics({ writeKey: "wk", dataPlaneUrl: own.url });
    for (const name of ["a", "b"]) {
      analytics.track(name);
      await analytics.flush();
      const { value } = await live.next();
      assert.equal(value.event, name);
    }
    live.close();
    const found = await client.items({ where: { event: "a" } });
    assert.deepEqual(
      found.map(({ event }) => event),
      ["a"],
    );
    assert.equal(own.output(), "");
  } finally {
    await own.close();
  }
});

test("a live subscription in a Worker outlasts another's end", async () => {
  const own = await startWorker(at("tests/hosts/run/server.mjs"));
  try {
    const client = new StreamClient(own.url);
    const once = { reconnect: false };
    const [first, second] = [await client.subscribe(once), await client.subscribe(once)];
    first.close();
    for (const name of ["a", "b"]) {
      await client.insert({ event: name });
      assert.equal((await second.next()).value.event, name);
    }
    assert.equal(second.state, "open");
    second.close();
    assert.equal(own.output(), "");
  } finally {
    await own.close();
  }
});

test("nothing was complained about", () => {
  assert.equal(worker.output(), "");
});
