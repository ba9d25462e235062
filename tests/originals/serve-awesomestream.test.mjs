// The client of AwesomeStream 0.1 sends to our server. It has no keys, so the server is open.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runPython } from "./differential.mjs";
import { assertEvents, following, served } from "./serve.mjs";

const A = { kind: "create-repo", repo: 17, user: 291, name: "frist" };
const B = { kind: "delete-repo", repo: 17, user: 291 };
const C = { kind: "watch", repo: 2842, user: 291, owner: 23 };
const D = { kind: "friend", user: 291, friend: 23 };
const E = { kind: ["friend", "é 😀"], user: 23, deep: { none: null, list: [1.5, []] } };

const send = async (url, calls) =>
  (await runPython("awesomestream", { url: `${url}/`, calls })).results;

test("what it inserts it finds again, and so do we", async (t) => {
  const server = await served(t, []);
  const next = await following(t, server);
  const inserted = await send(
    server.url,
    [A, B, C, D, E].map((event) => ["insert", event]),
  );
  for (const { result } of inserted) assert.match(result, /^[0-9a-f-]{36}$/);
  const cases = [
    [undefined, [E, D, C, B, A]],
    [{ start: 1, end: 3 }, [D, C]],
    [{ start: -1, end: 20 }, [A]],
    [{ start: 0, end: -1 }, [E, D, C, B]],
    [{ where: { kind: "friend" } }, [E, D]],
    [{ where: { kind: "é 😀" } }, [E]],
    [{ where: { kind: "friend", user: 23 } }, [E]],
    [{ where: { user: "23" } }, [E]],
    [{ where: { user: [23, 291], kind: ["friend", "watch"] } }, [E, D, C]],
    [{ where: { user: true } }, []],
    [{ where: { user: [] } }, []],
  ];
  const found = await send(
    server.url,
    cases.map(([query]) => ["items", ...(query ? [query] : [])]),
  );
  assert.deepEqual(
    found,
    cases.map(([, result]) => ({ result })),
  );
  for (const [query, result] of cases) assert.deepEqual(await server.reader.items(query), result);
  const seen = await next(5);
  assertEvents(seen, [A, B, C, D, E]);
  assert.deepEqual(
    seen.map(({ $id }) => $id),
    inserted.map(({ result }) => result),
  );
});

test("a date sorts an event where it belongs", async (t) => {
  const server = await served(t, []);
  await send(server.url, [
    ["insert", { kind: "new" }],
    ["insert", { kind: "old" }, 1000.5],
  ]);
  assert.deepEqual(await server.reader.items(), [{ kind: "new" }, { kind: "old" }]);
});

test("errors are its ValueError with our words", async (t) => {
  const server = await served(t, [], "--rate-limit", "1/3600");
  const results = await send(server.url, [
    ["items", { where: { zzz: 1 } }],
    ["insert", [1]],
    ["insert", A],
    ["insert", A],
    ["insert", A],
  ]);
  assert.match(
    results[0].error,
    /^KeyError: zzz is not indexed \(keys: key, type, event, kind, user\)$/,
  );
  assert.match(results[1].error, /^TypeError: data must be an object$/);
  const limited = results.filter(({ error }) =>
    error?.startsWith("PermissionError: too many calls"),
  );
  // A window may end between them.
  assert.ok(limited.length > 0);
  const stored = results.filter(({ result }) => typeof result === "string");
  assert.equal((await server.reader.items({ where: { user: 291 } })).length, stored.length);
});
