// What is asked of each of RudderStack's clients with our server behind it, and what must be kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertEvents, following, kept, keptWhen, served, watched } from "./serve.mjs";

const TIME = "2026-09-12T09:00:00.250+00:00";
const everyone = { userId: "u1", anonymousId: "a1" };

/** As their Node.js SDK takes them; { $date: text } is a date. */
export const CALLS = [
  [
    "identify",
    { ...everyone, traits: { email: "a@example.com", plan: { name: "é 😀", seats: 3 } } },
  ],
  [
    "track",
    { ...everyone, event: "Signed Up", properties: { price: 9.99, tags: ["a", null], ok: true } },
  ],
  [
    "page",
    { ...everyone, category: "Docs", name: "Start", properties: { url: "https://example.com/" } },
  ],
  ["screen", { ...everyone, category: "Main", name: "Home", properties: { width: 390 } }],
  ["group", { ...everyone, groupId: "g1", traits: { name: "Initech" } }],
  ["alias", { userId: "u1", previousId: "old" }],
  [
    "track",
    { userId: "u1", event: "Then", timestamp: TIME, messageId: "m1", context: { ip: "10.0.0.1" } },
  ],
];

const ADDED = ["messageId", "receivedAt", "rudderId", "timestamp", "request_ip"];

/** What is kept of a call; Python puts the traits of an identify into the context. */
function expected([type, { timestamp, traits, ...members }], traitsInContext) {
  const inContext = type === "identify" && traitsInContext;
  return {
    type,
    ...members,
    ...(traits && (inContext ? { context: { traits } } : { traits })),
  };
}

/**
 * The suite. `send(url, calls)` makes the calls with the original client, waits until it has sent or
 * given up, and resolves to the sentences it told of what failed.
 */
export function serves(title, send, { traitsInContext = false, refusal }) {
  test(`${title}: every call it has is kept as it was made, and followed live`, async (t) => {
    const server = await served(t, ["wk:write"]);
    const next = await following(t, server);
    assert.deepEqual(await send(server.url, CALLS), []);
    const wanted = CALLS.map((call) => expected(call, traitsInContext));
    const events = await keptWhen(server, wanted.length, "wk");
    // Its own time puts the last call in front of the others.
    assertEvents(events, [wanted.at(-1), ...wanted.slice(0, -1)]);
    assertEvents(await next(wanted.length), wanted);
    for (const event of events) {
      for (const name of ADDED) assert.equal(typeof event[name], "string", name);
    }
    assert.equal(Date.parse(events[0].timestamp), Date.parse(TIME));
    assert.equal(
      new Set(events.map(({ rudderId }) => rudderId)).size,
      2,
      "with and without anonymousId",
    );
    const found = await server.reader.items({ where: { type: "track", event: "Signed Up" } });
    assert.deepEqual(
      found,
      events.filter(({ event }) => event === "Signed Up"),
    );
  });

  test(`${title}: a message sent twice is kept once`, async (t) => {
    const server = await served(t, ["wk:write"]);
    const call = ["track", { userId: "u1", event: "E", messageId: "m1" }];
    await send(server.url, [call]);
    await send(server.url, [call, ["track", { userId: "u1", event: "F", messageId: "m2" }]]);
    assert.deepEqual(
      (await kept(server, "wk")).map(({ event }) => event),
      ["E", "F"],
    );
  });

  test(`${title}: a hundred calls keep their order`, async (t) => {
    const server = await served(t, ["wk:write"]);
    const track = (n) => ["track", { userId: "u1", event: "E", properties: { n } }];
    const calls = Array.from({ length: 100 }, (_, n) => track(n));
    assert.deepEqual(await send(server.url, calls), []);
    const events = await keptWhen(server, 100, "wk");
    assert.deepEqual(
      events.map(({ properties }) => properties.n),
      [...calls.keys()],
    );
  });

  test(`${title}: a wrong write key is its own error, and nothing is kept`, async (t) => {
    const server = await served(t, ["other:write"]);
    const seen = await watched(t, server);
    const told = await send(seen.url, [["track", { userId: "u1", event: "E" }]]);
    assert.deepEqual(told, [refusal]);
    const answers = seen.answers.map(({ status, text }) => [status, text]);
    assert.deepEqual(answers, [[401, "invalid write key\n"]], "it does not try again");
    assert.deepEqual(await kept(server), []);
  });

  test(`${title}: a call beyond the limit is retried until it is taken`, async (t) => {
    const server = await served(t, ["wk:write"], "--rate-limit", "1/1");
    const seen = await watched(t, server);
    const track = (n) => ["track", { userId: "u1", event: "E", messageId: `m${n}` }];
    let count = 0;
    const limited = () => seen.answers.filter(({ status }) => status === 429);
    // Where a window ends between two calls both are taken.
    while (limited().length === 0) {
      assert.ok(count < 20, "never limited");
      // Two programs that start on a busy machine send seconds apart.
      seen.gather(2);
      const told = await Promise.all([0, 1].map((n) => send(seen.url, [track(count + n)])));
      assert.deepEqual(told, [[], []]);
      count += 2;
    }
    for (const { text, retryAfter } of limited()) {
      assert.deepEqual([text, retryAfter], ["max requests limit reached\n", "1"]);
    }
    assert.equal((await kept(server, "wk")).length, count);
  });
}
