// Which pages of other origins may call, and what caches on the way are told of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createServer } from "sluicebox/server";

const A = "https://a.example";
const B = "https://b.example";

function opened(t, cors) {
  const server = createServer({ cors });
  t.after(() => server.close());
  return (method, path, headers = {}) =>
    server.fetch(new Request(`http://localhost${path}`, { method, headers }));
}

const preflight = (ask, path, method, origin = A) =>
  ask("OPTIONS", path, { origin, "access-control-request-method": method });

test("a cache keeps an answer apart for each origin, whoever asked first", async (t) => {
  for (const cors of [[A], "*"]) {
    const ask = opened(t, cors);
    for (const headers of [{ origin: A }, { origin: B }, {}]) {
      const answer = await ask("GET", "/v1/collect", headers);
      assert.equal(answer.headers.get("vary"), "Origin", JSON.stringify({ cors, headers }));
      const isAllowed = headers.origin === A || (cors === "*" && headers.origin === B);
      const expected = isAllowed ? headers.origin : null;
      assert.equal(answer.headers.get("access-control-allow-origin"), expected);
    }
  }
  const closed = opened(t, undefined);
  assert.equal((await closed("GET", "/v1/collect", { origin: A })).headers.get("vary"), null);
});

test("a preflight lets through the methods that the path's protocol has", async (t) => {
  const ask = opened(t, "*");
  for (const [path, method, isAllowed] of [
    ["/v1/track", "POST", true],
    ["/pixel/v1/track", "GET", true],
    ["/v1/track", "HEAD", true],
    ["/v1/track", "PUT", false],
    ["/v1/track", "DELETE", false],
    ["/api/events", "POST", true],
    ["/api/events", "PATCH", false],
    ["/v1/collect/clicks", "DELETE", true],
    ["/v1/process/p", "PUT", true],
  ]) {
    const answer = await preflight(ask, path, method);
    assert.equal(answer.status, 204);
    const origin = answer.headers.get("access-control-allow-origin");
    assert.equal(origin, isAllowed ? A : null, `${method} ${path}`);
  }
});

test("what can be no origin of a page is refused at the call", () => {
  for (const origin of ["a.example", "https://a.example/", "https://a.example/path", "", "*", 5]) {
    assert.throws(
      () => createServer({ cors: [origin] }),
      { code: "invalid_argument", message: /^"cors" must be "\*" or a list of origins/ },
      String(origin),
    );
  }
  for (const origin of [
    A,
    "http://localhost:3000",
    "null",
    "chrome-extension://abc",
    "http://[::1]:80",
  ]) {
    createServer({ cors: [origin] });
  }
});
