import assert from "node:assert/strict";
import { test } from "node:test";
import { ABSENT, differences, forms, Meant } from "./compare.mjs";

test("members that differ are found wherever they are, and those of one side only", () => {
  assert.deepEqual(
    differences(
      { same: [1, { a: null }], list: [1, 2], only: 1, kind: {}, "a-b": undefined },
      { same: [1, { a: null }], list: [1, 3, 4], kind: [] },
    ),
    [
      { at: "list[1]", original: 2, ours: 3 },
      { at: "list[2]", original: ABSENT, ours: 4 },
      { at: "only", original: 1, ours: ABSENT },
      { at: "kind", original: {}, ours: [] },
    ],
  );
  assert.deepEqual(differences({ a: "1" }, { a: 1 }), [{ at: "a", original: "1", ours: 1 }]);
});

test("a difference is meant when member, both values and scenario are listed", () => {
  const entry = { at: "list[*].name", original: "one", ours: /^t/, why: "a reason", in: ["here"] };
  const unlisted = (scenario, original, ours) =>
    new Meant([entry]).check(scenario, { list: [{ name: original }] }, { list: [{ name: ours }] });
  assert.equal(unlisted("here", "one", "two").length, 0);
  assert.equal(unlisted("there", "one", "two").length, 1);
  assert.equal(unlisted("here", "uno", "two").length, 1);
  assert.equal(unlisted("here", "one", "due").length, 1);
  assert.equal(new Meant([entry]).check("here", { list: "one" }, { list: "two" }).length, 1);
});

test("a listed absence is not null, and a star is one name", () => {
  const meant = new Meant([
    { at: "*.id", original: ABSENT, ours: /./, why: "ids" },
    { at: "deep.**", original: 1, ours: 2, why: "deep" },
  ]);
  assert.equal(meant.check("s", { a: {} }, { a: { id: "x" } }).length, 0);
  assert.equal(meant.check("s", { a: { id: null } }, { a: { id: "x" } }).length, 1);
  assert.equal(meant.check("s", { a: { b: {} } }, { a: { b: { id: "x" } } }).length, 1);
  assert.equal(meant.check("s", { deep: { a: [1] } }, { deep: { a: [2] } }).length, 0);
});

test("what is listed and does not occur is stale, in each scenario it names", () => {
  const meant = new Meant([
    { at: "a", original: 1, ours: 2, why: "once is enough" },
    { at: "b", original: 1, ours: 2, why: "both", in: ["one", "two"] },
    { at: "c", original: 1, ours: 2, why: "never" },
  ]);
  meant.check("one", { a: 1, b: 1 }, { a: 2, b: 2 });
  assert.deepEqual(meant.stale(), ['b in "two": both', "c: never"]);
  assert.match(meant.table(), /^\| `a` \| `1` \| `2` \| once is enough \| 1 \|$/m);
});

test("an entry without a reason is refused", () => {
  assert.throws(() => new Meant([{ at: "a", original: 1, ours: 2 }]), /needs "at" and "why"/);
});

test("random ids, times of the run and named texts become their form", () => {
  const from = Date.UTC(2026, 0, 2, 3, 4, 5);
  const value = {
    id: "node-33f1f0c6-8a5e-4a3b-9d8e-0123456789ab",
    iso: "2026-01-02T03:04:05.678Z",
    python: "2026-01-02T03:04:05.678901+00:00",
    old: "2016-09-12 09:00:00",
    millis: from + 5,
    seconds: from / 1000 + 0.25,
    url: "http://127.0.0.1:4321/v1",
    list: [1, true, null],
  };
  assert.deepEqual(
    forms(value, { from, to: from, names: { "http://127.0.0.1:4321": "‹server›" } }),
    {
      id: "node-‹uuid 4›",
      iso: "‹now as YYYY-MM-DDThh:mm:ss.SSSZ›",
      python: "‹now as YYYY-MM-DDThh:mm:ss.SSSSSS+00:00›",
      old: "2016-09-12 09:00:00",
      millis: "‹now in milliseconds›",
      seconds: "‹now in seconds›",
      url: "‹server›/v1",
      list: [1, true, null],
    },
  );
});
