// The drivers of Cloudflare's databases, in workerd.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { at } from "../../pkg/scripts/lib.mjs";
import { startMiniflare } from "../hosts/miniflare.mjs";
import { assertSeen } from "./expected.mjs";

let worker;

before(async () => {
  worker = await startMiniflare(at("tests/stores/worker.mjs"), {
    d1Databases: ["D1"],
    durableObjects: {
      WithSqlite: { className: "WithSqlite", useSQLite: true },
      WithoutSqlite: { className: "WithoutSqlite", useSQLite: false },
    },
  });
});

after(() => worker?.close());

const ask = async (binding) => (await fetch(`${worker.url}/${binding}`)).json();

for (const binding of ["D1", "Session", "WithSqlite"]) {
  test(`transactions over ${binding}`, async () => {
    const { seen, exact, stack } = await ask(binding);
    assert.ok(seen, stack);
    assertSeen(seen);
    assert.match(exact, /^invalid_argument: "params" .*1152921504606846976 cannot be kept exactly/);
  });
}

test("a Durable Object without SQLite says what its class needs", async () => {
  const { message } = await ask("WithoutSqlite");
  assert.match(message, /change `new_classes` to `new_sqlite_classes`/);
});
