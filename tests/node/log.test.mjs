// How much the log of undelivered events writes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Book } from "../../src/core/log.js";

test("a queue larger than what may be wasted is not written anew with each record", () => {
  const held = new Map();
  const book = new Book(held);
  let [sequence, offered, written] = [2 ** 40, 0, 0];
  for (let burst = 0; burst < 200; burst++) {
    for (let n = 0; n < 50; n++) {
      const event = [0, sequence++, 1, 0, "stream", "x".repeat(1200)];
      held.set(event[1], event);
      book.push(event);
      offered += 1200;
    }
    const write = book.next(burst);
    written += write.bytes.length;
    book.settled(write, true, burst);
  }
  assert.ok(written < 2 * offered, `${written} bytes written for ${offered} offered`);
});

test("what failed to be written is given back in its order", () => {
  const held = new Map();
  const book = new Book(held);
  const writes = [1, 2, 3].map((sequence) => {
    const event = [0, sequence, 1, 0, "stream", "{}"];
    held.set(sequence, event);
    book.push(event);
    return book.next(0, true);
  });
  for (const write of writes) book.settled(write, false, 0);
  assert.deepEqual(
    book.lost().map(([, sequence]) => sequence),
    [1, 2, 3],
  );
});
