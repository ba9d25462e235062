// A live subscription: what it hands out, what it asks for, and how it ends.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { SluiceboxError, StreamClient, Stride } from "sluicebox";
import { eventually, refuses, says, scripted, take } from "./live.mjs";

const VIAS = ["stream", "eventsource"];
const WHOLE = '{"$id":"1","text":"ä€😀"}\r\n\r\n{"$id":2}\r\n{bad\r\n{"$id":"3"}\r\n';
const MESSAGES =
  ': hello\r\n\r\nid: 1\r\ndata: {"text":"ä€😀"}\r\n\r\ndata: {bad\r\n\r\ndata: 2\r\n\r\n';
const EVENT_STREAM = { type: "text/event-stream; charset=utf-8" };

const singleBytes = (text) => Array.from(Buffer.from(text), (byte) => Buffer.of(byte));
const ofEvents = (from, to) =>
  Array.from({ length: to - from }, (_, i) => `{"$id":"${from + i}"}\r\n`).join("");

/** Without a wait between two attempts. */
const impatient = (t) => t.mock.method(Math, "random", () => 0);

test("events come whole, one byte at a time", async (t) => {
  const { url } = await scripted(t, says(singleBytes(WHOLE)));
  const live = await new StreamClient(url).subscribe();
  assert.deepEqual(await take(live, 3), [{ $id: "1", text: "ä€😀" }, { $id: 2 }, { $id: "3" }]);
  assert.equal(live.lastEventId, "3");
  live.close();
});

test("server-sent events are read where there is no EventSource, with the key in a header", async (t) => {
  const { url, requests } = await scripted(t, says(singleBytes(MESSAGES), EVENT_STREAM));
  const stride = new Stride("key", { endpoint: url });
  const { statusCode, data: live } = await stride.subscribe("/collect/s", { via: "eventsource" });
  assert.equal(statusCode, 200);
  assert.deepEqual(await take(live, 2), [{ text: "ä€😀" }, 2]);
  assert.equal(live.lastEventId, "1");
  live.close();
  assert.equal(requests[0].headers.accept, "text/event-stream");
  assert.equal(requests[0].headers.authorization, `Basic ${btoa("key:")}`);
  assert.equal(requests[0].url, "/collect/s/subscribe");
});

test("a server that has no server-sent events says so", async (t) => {
  const { url, requests } = await scripted(t, says([WHOLE]));
  await assert.rejects(new StreamClient(url).subscribe({ via: "eventsource" }), {
    name: "SluiceboxError",
    code: "rejected",
    statusCode: 200,
    message: `${url} does not send text/event-stream: leave "via" out`,
  });
  await once(requests[0].socket, "close");
});

test("lastEventId is of the last event handed out, not of the last that came", async (t) => {
  const { url } = await scripted(t, says([`${ofEvents(1, 4)}{"no":"id"}\r\n`]));
  const live = await new StreamClient(url).subscribe({ after: "0" });
  assert.equal(live.lastEventId, "0");
  await take(live, 2);
  assert.equal(live.lastEventId, "2");
  await take(live, 2);
  assert.equal(live.lastEventId, "3");
  live.close();
});

test("sample, after and where are asked for", async (t) => {
  const { url, requests } = await scripted(t, says([]));
  const client = new StreamClient(url);
  const live = await client.subscribe({ sample: 100, after: "ä &", where: { kind: ["a", 1] } });
  live.close();
  const query = new URL(requests[0].url, url).searchParams;
  assert.deepEqual(
    [query.get("sample"), query.get("after"), query.get("where")],
    ["100", "ä &", '{"kind":["a",1]}'],
  );
  const { data } = await new Stride("key", { endpoint: url }).subscribe("/process/p?a=1", {
    sample: 5,
  });
  data.close();
  assert.equal(requests[1].url, "/process/p/subscribe?a=1&sample=5");
  // Half of a pair has no form in a URL.
  (await client.subscribe({ after: "a\ud800" })).close();
  assert.equal(new URL(requests[2].url, url).searchParams.get("after"), "a\ufffd");
});

test("bad arguments throw at the call and name the argument", () => {
  const client = new StreamClient("http://localhost:1");
  for (const [options, words] of [
    [{ sample: -1 }, /"sample"/],
    [{ sample: 1.5 }, /"sample" must be a whole number of events a second, at most 4,294,967,295/],
    [{ sample: Infinity }, /"sample"/],
    [{ via: "websocket" }, /"via" must be "stream" or "eventsource"/],
    [{ after: 1 }, /"after" must be a non-empty string/],
    [{ signal: {} }, /"signal" must be an AbortSignal/],
    [{ reconnect: "no" }, /"reconnect" must be true or false/],
    [{ where: { a: {} } }, /"where.a"/],
  ]) {
    assert.throws(
      () => client.subscribe(options),
      (error) => error.code === "invalid_argument" && words.test(error.message),
    );
  }
});

test("what is refused at first is told, not tried again", async (t) => {
  for (const via of VIAS) {
    const { url, requests } = await scripted(t, refuses(429, '{"error":"too many"}'));
    const answer = await new Stride("key", { endpoint: url }).subscribe("/collect/s", { via });
    assert.deepEqual(answer, { statusCode: 429, data: { error: "too many" } });
    await assert.rejects(new StreamClient(url).subscribe({ via }), {
      code: "rate_limited",
      statusCode: 429,
    });
    assert.equal(requests.length, 2);
  }
});

test("a server that is not there, or does not answer, is told", async (t) => {
  const { url } = await scripted(t, () => {});
  const late = new StreamClient(url, { timeout: 50 });
  await assert.rejects(late.subscribe(), { code: "timeout", fault: "transport" });
  const nobody = new StreamClient("http://127.0.0.1:1");
  await assert.rejects(nobody.subscribe(), { code: "network", fault: "transport" });
});

test("the time to answer is not the time to live", async (t) => {
  let answer;
  const { url, requests } = await scripted(t, (response) => says([])((answer = response)));
  // A time that really passes would have to be long, or a busy machine would not answer within it.
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const live = await new StreamClient(url, { timeout: 50_000 }).subscribe();
  t.mock.timers.tick(100_000);
  assert.equal(live.state, "open");
  answer.write(ofEvents(1, 2));
  assert.deepEqual(await take(live, 1), [{ $id: "1" }]);
  assert.equal(requests.length, 1);
  live.close();
});

const WAYS_TO_STOP = {
  "close()": (live) => live.close(),
  "an abort": (live, controller) => controller.abort(),
  "break out of the loop": async (live) => {
    for await (const event of live) if (event) break;
  },
};
for (const [name, stop] of Object.entries(WAYS_TO_STOP)) {
  test(`${name} ends the request at once`, async (t) => {
    for (const via of VIAS) {
      const chunk = via === "stream" ? ofEvents(1, 4) : MESSAGES;
      const type = via === "stream" ? undefined : "text/event-stream";
      const { url, requests } = await scripted(t, says([chunk], { type }));
      const controller = new AbortController();
      const { signal } = controller;
      const live = await new StreamClient(url).subscribe({ via, signal });
      await take(live, 1);
      const gone = once(requests[0].socket, "close");
      const since = performance.now();
      await stop(live, controller);
      await gone;
      // Nothing else would end it before three keep-alives had been missed.
      assert.ok(performance.now() - since < 20_000);
      assert.equal(live.state, "closed");
      assert.deepEqual(await live.next(), { value: undefined, done: true });
      assert.equal(requests.length, 1);
    }
  });
}

test("who waits for an event when it is closed gets the end", async (t) => {
  const { url } = await scripted(t, says([]));
  const live = await new StreamClient(url).subscribe();
  const waiting = [live.next(), live.next()];
  live.close();
  live.close();
  for (const end of await Promise.all(waiting)) {
    assert.deepEqual(end, { value: undefined, done: true });
  }
});

test("an abort before the answer rejects with its reason", async (t) => {
  const { url, requests } = await scripted(t, () => {});
  const client = new StreamClient(url);
  const why = new Error("why");
  await assert.rejects(client.subscribe({ signal: AbortSignal.abort(why) }), why);
  assert.equal(requests.length, 0);
  for (const via of VIAS) {
    const controller = new AbortController();
    const subscribed = client.subscribe({ via, signal: controller.signal });
    await eventually("the request is there", () => requests.length === 1 + VIAS.indexOf(via));
    const gone = once(requests.at(-1).socket, "close");
    controller.abort(why);
    await assert.rejects(subscribed, why);
    await gone;
  }
});

test("an abort while it waits to reconnect ends it", async (t) => {
  impatient(t);
  // The first wait is shorter than a busy machine may take to look.
  const refused = refuses(503, "", { "retry-after": "600" });
  const { url, requests } = await scripted(t, says([], { stays: false }), refused);
  const controller = new AbortController();
  const live = await new StreamClient(url).subscribe({ signal: controller.signal });
  await eventually("it waits", () => requests.length === 2 && live.state === "waiting");
  const next = live.next();
  controller.abort();
  assert.deepEqual(await next, { value: undefined, done: true });
  assert.equal(live.state, "closed");
  assert.equal(requests.length, 2);
});

test("nothing of an ended subscription stays on the signal", async (t) => {
  const { signal } = new AbortController();
  const listeners = new Set();
  t.mock.method(signal, "addEventListener", (_, listener) => listeners.add(listener));
  t.mock.method(signal, "removeEventListener", (_, listener) => listeners.delete(listener));
  const { url } = await scripted(t, says([], { stays: false }), says([]), refuses(404), says([]));
  const client = new StreamClient(url);
  for await (const event of await client.subscribe({ signal, reconnect: false })) assert.ok(event);
  assert.equal(listeners.size, 0, "ended by the server");
  const live = await client.subscribe({ signal });
  assert.equal(listeners.size, 1);
  live.close();
  assert.equal(listeners.size, 0, "closed");
  await assert.rejects(client.subscribe({ signal }), SluiceboxError);
  assert.equal(listeners.size, 0, "refused");
  const nobody = new StreamClient("http://127.0.0.1:1");
  await assert.rejects(nobody.subscribe({ signal }), SluiceboxError);
  assert.equal(listeners.size, 0, "not there");
});

test("without reconnect, what came before the end can still be taken", async (t) => {
  const { url, requests } = await scripted(t, says([ofEvents(1, 4)], { stays: false }));
  const live = await new StreamClient(url).subscribe({ reconnect: false });
  await eventually("it has ended", () => live.state === "closed");
  const ids = [];
  for await (const { $id } of live) ids.push($id);
  assert.deepEqual(ids, ["1", "2", "3"]);
  assert.equal(requests.length, 1);
});

test("it reconnects after the last event that came, taken or not", async (t) => {
  impatient(t);
  const first = says([`${ofEvents(1, 6)}{"$id":"cu`], { stays: false });
  const { url, requests } = await scripted(t, first, says([ofEvents(6, 9)]));
  const live = await new StreamClient(url).subscribe();
  await eventually("the second connection", () => requests.length === 2);
  assert.equal(live.lastEventId, null);
  const events = await take(live, 8);
  assert.deepEqual(
    events.map(({ $id }) => $id),
    ["1", "2", "3", "4", "5", "6", "7", "8"],
  );
  assert.equal(new URL(requests[1].url, url).searchParams.get("after"), "5");
  live.close();
});

test("the waits grow, with full jitter, and begin anew when something came", async (t) => {
  const waits = [];
  let isDrawn = false;
  t.mock.method(Math, "random", () => ((isDrawn = true), 0.5));
  const { setTimeout } = globalThis;
  t.mock.method(globalThis, "setTimeout", (work, delay, ...rest) => {
    if (!isDrawn) return setTimeout(work, delay, ...rest);
    isDrawn = false;
    waits.push(delay);
    return setTimeout(work, 0, ...rest);
  });
  const nothing = (response) => response.destroy();
  const { url } = await scripted(
    t,
    says([], { stays: false }),
    nothing,
    refuses(503),
    says([ofEvents(1, 2)], { stays: false }),
    says([]),
  );
  const live = await new StreamClient(url, { timeout: 0 }).subscribe();
  await take(live, 1);
  await eventually("it is open again", () => waits.length === 4 && live.state === "open");
  assert.deepEqual(waits, [125, 250, 500, 125]);
  live.close();
});

test("Retry-After is the least it waits", async (t) => {
  impatient(t);
  const waits = [429, 503].map(async (status) => {
    const times = [];
    const noted = (answer) => (response) => {
      times.push(performance.now());
      return answer(response);
    };
    const refused = noted(refuses(status, "", { "retry-after": "1" }));
    const taken = noted(says(["1\n"]));
    const { url } = await scripted(t, says([], { stays: false }), refused, taken);
    const live = await new StreamClient(url).subscribe();
    await take(live, 1);
    live.close();
    return times[1] - times[0];
  });
  for (const wait of await Promise.all(waits)) assert.ok(wait > 900 && wait < 60_000, `${wait} ms`);
});

test("what will not get better ends it with an error, after what came", async (t) => {
  impatient(t);
  for (const status of [401, 404, 410, 204]) {
    for (const [via, chunk, type] of [
      ["stream", ofEvents(1, 3)],
      ["eventsource", "data: 1\n\ndata: 2\n\n", "text/event-stream"],
    ]) {
      const said = status === 204 ? "" : "no stream of that name";
      const first = says([chunk], { type, stays: false });
      const { url } = await scripted(t, first, refuses(status, said));
      const live = await new StreamClient(url).subscribe({ via });
      await eventually("it has ended", () => live.state === "closed");
      await take(live, 2);
      await assert.rejects(live.next(), {
        name: "SluiceboxError",
        code: "rejected",
        statusCode: status,
        message: `the server refused to resume the subscription: ${said || "status 204"}`,
      });
      assert.deepEqual(await live.next(), { value: undefined, done: true });
    }
  }
});

test("a connection that died without a word is found by its silence", async (t) => {
  impatient(t);
  t.mock.timers.enable({ apis: ["setInterval"] });
  let first;
  const keepAlive = says(["\r\n"]);
  const { url, requests } = await scripted(
    t,
    (response) => keepAlive((first = response)),
    says([ofEvents(1, 2)]),
  );
  let chunks = 0;
  const count = new TransformStream({
    transform(chunk, controller) {
      chunks += 1;
      controller.enqueue(chunk);
    },
  });
  const counted = async (...request) => {
    const answer = await fetch(...request);
    return requests.length > 1 ? answer : new Response(answer.body.pipeThrough(count), answer);
  };
  const live = await new StreamClient(url, { fetch: counted }).subscribe();
  await eventually("the first keep-alive came", () => chunks === 1);
  t.mock.timers.tick(45_000);
  first.write("\r\n");
  await eventually("the second keep-alive came", () => chunks === 2);
  await new Promise(setImmediate);
  t.mock.timers.tick(45_000);
  assert.equal(live.state, "open", "45 s after a keep-alive");
  const gone = once(requests[0].socket, "close");
  t.mock.timers.tick(15_000);
  await gone;
  assert.deepEqual(await take(live, 1), [{ $id: "1" }]);
  live.close();
});

test("there is no timer when nobody is subscribed", async (t) => {
  const timers = new Set();
  const { setInterval, clearInterval } = globalThis;
  t.mock.method(globalThis, "setInterval", (...args) => {
    const timer = setInterval(...args);
    timers.add(timer);
    return timer;
  });
  t.mock.method(globalThis, "clearInterval", (timer) => {
    timers.delete(timer);
    clearInterval(timer);
  });
  const { url } = await scripted(t, says([]));
  const client = new StreamClient(url);
  assert.equal(timers.size, 0);
  const live = await client.subscribe();
  assert.equal(timers.size, 1);
  live.close();
  await eventually("the timer is gone", () => timers.size === 0);
});
