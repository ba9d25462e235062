import { test } from "node:test";
import { changed, corpus, dice, replay, seeds } from "./chance.mjs";
import { framing } from "./framing.mjs";

const WORDS = [
  ...["\n", "\r", "\r\n", "\n\n", "data:", "data: ", "id: ", "id\n", "event: message\n", ":"],
  ...["\0", "\ufeff", "ä", "€", "😀", "{", "}", '"', "\\", "null\n", " ", "\u2028", "\x85"],
];

test("a streamed answer means the same in any chunks, and what the standard says", () => {
  const files = corpus("framing");
  for (const [name, bytes] of files) {
    const each = Array.from(bytes.keys());
    for (const cuts of [[], each, ...each.map((at) => [at])]) replay(name, framing, bytes, cuts);
  }
  for (const seed of seeds(30_000)) {
    const chance = dice(seed);
    const bytes = changed(files, WORDS, chance);
    const cuts = Array.from({ length: chance.below(6) }, () => chance.below(bytes.length + 1));
    replay(
      `SEED=${seed}`,
      framing,
      bytes,
      cuts.sort((one, other) => one - other),
    );
  }
});
