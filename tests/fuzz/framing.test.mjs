import { test } from "node:test";
import { corpus, dice, replay, seeds } from "./chance.mjs";
import { framing } from "./framing.mjs";

const WORDS = [
  ...["\n", "\r", "\r\n", "\n\n", "data:", "data: ", "id: ", "id\n", "event: message\n", ":"],
  ...["\0", "\ufeff", "ä", "€", "😀", "{", "}", '"', "\\", "null\n", " ", "\u2028", "\x85"],
].map((text) => Buffer.from(text));

/** One to eight changes: bits, words, a piece taken out, or put in from another file. */
function changed(files, { below, pick }) {
  let bytes = Buffer.from(pick(files)[1]);
  for (let more = below(8); more >= 0; more--) {
    const from = below(bytes.length + 1);
    const to = Math.min(bytes.length, from + below(20));
    const other = pick(files)[1];
    const start = below(other.length + 1);
    const middle = [
      () => WORDS[below(WORDS.length)],
      () => Buffer.of(below(256)),
      () => Buffer.alloc(0),
      () => other.subarray(start, start + below(40)),
    ][below(4)]();
    const keep = below(2) ? from : to;
    bytes = Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(keep)]);
  }
  return bytes;
}

test("a streamed answer means the same in any chunks, and what the standard says", () => {
  const files = corpus("framing");
  for (const [name, bytes] of files) {
    const each = Array.from(bytes.keys());
    for (const cuts of [[], each, ...each.map((at) => [at])]) replay(name, framing, bytes, cuts);
  }
  for (const seed of seeds(30_000)) {
    const chance = dice(seed);
    const bytes = changed(files, chance);
    const cuts = Array.from({ length: chance.below(6) }, () => chance.below(bytes.length + 1));
    replay(
      `SEED=${seed}`,
      framing,
      bytes,
      cuts.sort((one, other) => one - other),
    );
  }
});
