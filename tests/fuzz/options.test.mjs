import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { memory } from "sluicebox/server";
import { corpus, dice, replay, seeds } from "./chance.mjs";
import { FACES, options } from "./options.mjs";

const driver = (dialect) => ({ dialect, transaction() {}, command() {} });

/** What JSON cannot say stands in the corpus as { "$": name }. */
const VALUES = {
  undefined: undefined,
  NaN: NaN,
  Infinity: Infinity,
  "-Infinity": -Infinity,
  "-0": -0,
  bigint: 10n,
  symbol: Symbol("s"),
  function: () => {},
  "null prototype": Object.create(null),
  date: new Date(0),
  "no date": new Date(NaN),
  map: new Map([["a", 1]]),
  bytes: new Uint8Array(3),
  "boxed text": new String("gzip"),
  "text of its own": { toString: () => "granted" },
  "no text": { toString: () => ({}), valueOf: () => ({}) },
  "long text": "x".repeat(100_000),
  sparse: new Array(3),
  cycle: (() => {
    const cycle = [];
    cycle.push(cycle);
    return cycle;
  })(),
  sqlite: driver("sqlite"),
  postgres: driver("postgres"),
  "memory()": memory(),
};
const revived = (text) =>
  JSON.parse(text, (_, value) => (typeof value?.$ === "string" ? VALUES[value.$] : value));

const PLAIN = [
  ...[null, true, false, 0, 1, -1, 0.5, 2 ** 31, 2 ** 53, 1e308, 5e-324],
  ...[
    "",
    " ",
    "x",
    "none",
    "refuse",
    "https://example.com",
    "http://",
    "\0",
    "ä",
    "😀",
    "__proto__",
  ],
  ...[
    [],
    [null],
    [""],
    ["k"],
    [[]],
    {},
    { timeout: -1 },
    { calls: 1, seconds: "1" },
    { k: "admin" },
  ],
];

/** One to four changes: an option, a member of an option, or an argument gets another value. */
function changed(files, chance) {
  const { below, pick } = chance;
  const [face, ...args] = revived(pick(files)[1]);
  const any = () => (below(2) ? structuredClone(pick(PLAIN)) : pick(Object.values(VALUES)));
  for (let more = below(4); more >= 0; more--) {
    const last = args.findLast((arg) => arg && typeof arg === "object" && !Array.isArray(arg));
    const name = pick([...FACES[face][2], "x", "toString"]);
    const isWhole = below(10) === 0 || !last || Object.values(VALUES).includes(last);
    if (isWhole) args[below(args.length + 1)] = any();
    else if (below(4)) last[name] = any();
    else last[name] = below(2) ? [any(), any()] : { [pick(["a", "timeout", "calls", ""])]: any() };
  }
  return [face, args];
}

test("any options either work or are refused by name", async () => {
  const files = corpus("options");
  assert.deepEqual(
    [...new Set(files.map(([, bytes]) => JSON.parse(bytes)[0]))].sort(),
    Object.keys(FACES).sort(),
    "each face has a seed",
  );
  for (const [name, bytes] of files) {
    const [face, ...args] = revived(bytes);
    replay(name, () => assert.equal(options(face, args), !name.includes("refused"), "made"));
  }
  let made = 0;
  for (const seed of seeds(30_000)) {
    const given = changed(files, dice(seed));
    replay(`SEED=${seed}`, () => (made += options(...given)));
    // What is not used any more is freed in between.
    if (seed % 1000 === 0) await setImmediate();
  }
  if (process.env.SEED === undefined) assert.ok(made > 1000, `only ${made} were made`);
});
