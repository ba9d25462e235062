// Two servers are asked the same, and must answer the same, byte by byte: one over the store in
// memory, which is held to a model of its own, and one over a database.

import assert from "node:assert/strict";

export const KEYS = ["kind", "n", "flag"];

/** Numbers below `count`, the same for a seed. Source: mulberry32, public domain. */
function dice(seed) {
  let state = seed;
  return (count) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  };
}

const STREAMS = ["a", "b_2", "C"];
const KINDS = ["x", "y", "", "é\u{1F30A}", "a\0b", "'; --", "null", 'quote"\\'];
const BASE = Date.UTC(2026, 0, 1);

/** A request as { path, method, body, headers }. */
function anyRequest(roll, step) {
  const pick = (list) => list[roll(list.length)];
  const post = (path, body, headers) => ({
    path,
    method: "POST",
    body: JSON.stringify(body),
    headers,
  });
  const value = () => pick([roll(5), roll(5) / 2, String(roll(5)), true, null, pick(KINDS)]);
  const event = (index) => ({
    // Some ids come again, in the same call too.
    $id: `id ${roll(4) ? `${step} ${index}` : roll(60)}`,
    // Many at the same time, and out of order.
    $timestamp: new Date(BASE + roll(20) * 1000).toISOString(),
    ...(roll(6) && { kind: pick(KINDS) }),
    ...(roll(3) && { n: value() }),
    ...(roll(3) === 0 && { flag: roll(2) === 1 }),
    ...(roll(9) === 0 && { nested: { list: [1, { deep: "\u2028" }], big: 1e300 } }),
  });
  const events = () => Array.from({ length: roll(12) }, (_, index) => event(index));
  const filters = () => ({
    ...(roll(2) && { kind: roll(3) ? pick(KINDS) : [pick(KINDS), pick(KINDS), "nobody"] }),
    ...(roll(3) === 0 && { n: roll(3) ? value() : [value(), value()] }),
    ...(roll(5) === 0 && { flag: roll(2) === 1 }),
    ...(roll(2) && { $stream: pick([...STREAMS, "never", "bucket", "wk"]) }),
    ...(roll(40) === 0 && { unknown: 1 }),
  });
  const slice = () =>
    pick([
      {},
      { end: 5 },
      { start: 3, end: 9 },
      { start: -4 },
      { end: -2 },
      { end: null },
      { start: 500 },
    ]);
  switch (roll(12)) {
    case 0:
    case 1:
    case 2:
      return post(`/v1/collect/${pick(STREAMS)}`, roll(4) ? events() : event(0));
    case 3:
      return post("/v1/collect", Object.fromEntries(STREAMS.map((name) => [name, events()])));
    case 4:
      return post(
        "/api/events",
        events().map(({ kind, n }) => ({
          key: kind || "k",
          value: n ?? 1,
          epoch: 1767225600 + roll(9),
        })),
        {
          "x-is-accesskey": pick(["one", "two"]),
          "x-is-bucketkey": pick(["bucket", "other bucket"]),
          "content-type": "application/json",
        },
      );
    case 5:
      return { path: "/v1/collect", method: "GET" };
    case 6:
      return { path: `/v1/collect/${pick([...STREAMS, "never"])}`, method: "GET" };
    case 7:
      if (roll(4)) return post("/", { id: step, method: "items", kwargs: filters() });
      return { path: `/v1/collect/${pick([...STREAMS, "never"])}`, method: "DELETE" };
    default:
      return post("/", { id: step, method: "items", kwargs: { ...slice(), ...filters() } });
  }
}

const said = async (response) => [response.status, await response.text()];

/**
 * Plays `steps` requests of a seed against both, each a function like `fetch` of a path and options.
 * Then reads each stream from its beginning, live.
 */
export async function assertSame(expected, actual, { seed, steps }) {
  const roll = dice(seed);
  for (let step = 0; step < steps; step += 1) {
    const { path, ...options } = anyRequest(roll, step);
    const [one, other] = await Promise.all([expected(path, options), actual(path, options)]);
    const asked = `seed ${seed}, step ${step}: ${options.method} ${path} ${options.body ?? ""}`;
    assert.deepEqual(await said(other), await said(one), asked);
  }
  for (const name of STREAMS) {
    const summary = await expected(`/v1/collect/${name}`, { method: "GET" });
    const { count = 0 } = await summary.json();
    const [one, other] = await Promise.all([
      fromTheBeginning(expected, name, count),
      fromTheBeginning(actual, name, count),
    ]);
    assert.deepEqual(other, one, `seed ${seed}: the stream ${name}, live`);
  }
}

async function fromTheBeginning(ask, name, count) {
  const { body } = await ask(`/v1/collect/${name}/subscribe?after=nobody-knows`, { method: "GET" });
  const decoder = new TextDecoder();
  let text = "";
  const events = () => text.split("\r\n").slice(0, -1).filter(Boolean);
  const reader = body.getReader();
  while (events().length < count)
    text += decoder.decode((await reader.read()).value, { stream: true });
  await reader.cancel();
  return events();
}
