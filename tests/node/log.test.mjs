// How much the log of undelivered events writes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST, SETTLED, textOf } from "../../src/core/held.js";
import { Book, read } from "../../src/core/log.js";

test("a queue larger than what may be wasted is not written anew with each record", () => {
  const held = new Map();
  const book = new Book(held);
  let [sequence, offered, written] = [FIRST, 0, 0];
  for (let burst = 0; burst < 200; burst++) {
    for (let n = 0; n < 50; n++) {
      const event = [0, sequence++, 1, 0, "stream", "x".repeat(1200), ""];
      held.set(event[1], event);
      book.push(event);
      offered += 1200;
    }
    const write = book.next(burst);
    written += write.text.length;
    book.settled(write, true, burst);
  }
  assert.ok(written < 1.1 * offered, `${written} characters written for ${offered} offered`);
});

test("what many events share is written once", () => {
  const held = new Map();
  const book = new Book(held);
  const tail = `,"context":"${"x".repeat(1000)}"}`;
  for (let sequence = 1; sequence <= 50; sequence++) {
    const event = [0, sequence, 1, 0, "stream", `{"n":${sequence}`, tail];
    held.set(sequence, event);
    book.push(event);
  }
  const { text } = book.next(0);
  assert.ok(text.length < tail.length + 50 * 40, `${text.length} characters`);
  const [events] = read([text]);
  assert.deepEqual(
    events.map((event) => event[4] + textOf(event)),
    [...held.values()].map((event) => event[4] + textOf(event)),
  );
});

test("a record that is cut off is known, by its length where whoever stores it has checksums", () => {
  for (const isSafe of [false, true]) {
    const held = new Map();
    const book = new Book(held, isSafe);
    for (let sequence = 1; sequence <= 3; sequence++) {
      const event = [0, sequence, 1, 0, "stream", `{"n":${sequence}`, "}"];
      held.set(sequence, event);
      book.push(event);
    }
    const { text } = book.next(0);
    const [events, isDamaged] = read([text], isSafe);
    assert.deepEqual(events.map(textOf), ['{"n":1}', '{"n":2}', '{"n":3}']);
    assert.equal(isDamaged, false);
    for (let end = 0; end < text.length; end++) {
      assert.deepEqual(read([text.slice(0, end)], isSafe), [[], true], `${end} characters`);
    }
    assert.deepEqual(read([text], !isSafe), [[], true], "one is not taken for the other");
  }
});

test("what nobody needs is written off before it is more than what is left, and 4 Mi characters", () => {
  const held = new Map();
  const book = new Book(held);
  const stored = [];
  const size = () => stored.join("").length;
  const write = () => {
    const next = book.next(0);
    if (!next) return;
    stored.splice(0, next.gone);
    if (next.text) stored.push(next.text);
    book.settled(next, true, 0);
  };
  const take = (sequence) => {
    const event = [0, sequence, 1, 0, "stream", "x".repeat(10_000), ""];
    held.set(sequence, event);
    book.push(event);
    write();
  };
  // The oldest is stuck, so that no record of those that follow can go.
  take(0);
  for (let sequence = 1; sequence < 2_000; sequence++) {
    take(sequence);
    const events = [held.get(sequence)];
    held.delete(sequence);
    book.mark(SETTLED, sequence, 1, events);
    write();
    assert.ok(size() < 4_500_000, `${size()} characters for one event`);
  }
  assert.deepEqual(
    read(stored)[0].map(([, sequence]) => sequence),
    [0],
  );
});

test("what failed to be written is given back in its order", () => {
  const held = new Map();
  const book = new Book(held);
  const writes = [1, 2, 3].map((sequence) => {
    const event = [0, sequence, 1, 0, "stream", "{}", ""];
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

test("what failed to be written anew is where it was, so another page has it", () => {
  const held = new Map();
  const book = new Book(held);
  const take = (sequence, text) => {
    const event = [0, sequence, 1, 0, "stream", text, ""];
    held.set(sequence, event);
    book.push(event);
    return event;
  };
  take(1, "kept");
  const big = [2, 3].map((sequence) => take(sequence, "x".repeat(2_500_000)));
  book.settled(book.next(0), true, 0);
  for (const event of big) {
    held.delete(event[1]);
    book.mark(SETTLED, event[1], 1, [event]);
  }
  take(4, "new");
  const anew = book.next(0);
  assert.deepEqual(
    read([anew.text])[0].map((event) => event[5]),
    ["kept", "new"],
  );
  book.settled(anew, false, 0);
  assert.deepEqual(
    book.lost().map((event) => event[5]),
    ["new"],
  );
});
