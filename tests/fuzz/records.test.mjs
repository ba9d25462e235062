import { test } from "node:test";
import { changed, corpus, dice, replay, seeds } from "./chance.mjs";
import { life, records } from "./records.mjs";

const WORDS = [
  "\t",
  "\n",
  "0",
  "1",
  "8",
  "9",
  "10",
  '"s"',
  "{}",
  "1099511627776",
  "-1",
  "1e999",
  "null",
  "NaN",
];

/** Records stand in a file with an empty line between them. */
function cut(bytes) {
  return bytes.toString("latin1").split("\n\n");
}

test("any bytes are read as records, and only whole ones are believed", () => {
  const files = corpus("records");
  for (const [name, bytes] of files) replay(name, records, cut(bytes));
  for (const seed of seeds(15_000)) {
    const bytes = changed(files, WORDS, dice(seed));
    replay(`SEED=${seed}`, records, cut(bytes));
  }
});

test("a log holds in the end what nobody has settled, whatever was written and failed", async () => {
  const files = corpus("life");
  for (const [name, bytes] of files) await replay(name, life, bytes);
  for (const seed of seeds(15_000)) {
    const bytes = changed(files, [], dice(seed));
    await replay(`SEED=${seed}`, life, bytes);
  }
});
