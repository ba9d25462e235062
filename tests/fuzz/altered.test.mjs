// What JSON silently makes a null of is named, wherever it stands; a null that the caller gave is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "../../src/core/json.js";
import { dice, replay, seeds } from "./chance.mjs";

const LOST = [NaN, Infinity, -Infinity, new Date(NaN)];
const KEPT = [null, undefined, 0, -1.5, "null", 'a "null" of text', "", true, new Date(0)];

/** A value, and the paths of what JSON has no words for. */
function made(chance, path, lost) {
  const { below, pick } = chance;
  if (path.length < 4 && below(3)) {
    const names = Array.from({ length: below(5) }, (_, at) => (at % 2 ? `null${at}` : `n${at}`));
    if (below(2)) return names.map((_, at) => made(chance, [...path, at], lost));
    return Object.fromEntries(names.map((name) => [name, made(chance, [...path, name], lost)]));
  }
  if (below(8)) return pick(KEPT);
  lost.push(path.join("."));
  return pick(LOST);
}

test("what has no words in JSON is named, and only that", () => {
  let altered = 0;
  for (const seed of seeds(20_000)) {
    const lost = [];
    const value = { given: made(dice(seed), ["given"], lost) };
    replay(`SEED=${seed}`, () => {
      const told = [];
      assert.equal(stringify(value, told), JSON.stringify(value));
      assert.deepEqual(told, lost);
    });
    altered += lost.length > 0;
  }
  if (!process.env.SEED) assert.ok(altered > 1_000, `${altered} were altered`);
});
