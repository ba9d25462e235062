// The log of undelivered events. Any bytes may be read: nothing comes out of a record whose checksum
// is wrong. And whatever happens to events and to writes, what is stored in the end is what nobody
// has settled.

import assert from "node:assert/strict";
import { CONTROL, LEFT, RETURNED, SETTLED } from "../../src/core/held.js";
import { Book, read } from "../../src/core/log.js";

/** What is summed by itself: a mark, or of an event its head, its text and its tail. */
function pieces(line) {
  const [, head, text, tail] = /^((?:[^\t]*\t){5})([^\t]*)(.*)$/s.exec(line) ?? [];
  return Number(line.split("\t")[0]) < 8 && head !== undefined
    ? [`\n${head}`, text, tail || "\t"]
    : [`\n${line}`];
}

/** Written a second time: later versions must read what is stored today. */
function checksum(lines) {
  let sum = 0x811c9dc5n;
  for (const piece of lines.slice(1).split("\n").flatMap(pieces)) {
    const unit = (at) => BigInt(at < piece.length ? piece.charCodeAt(at) : 0);
    for (let at = 0; at < piece.length; at += 2) {
      const pair = unit(at) ^ (unit(at + 1) << 16n);
      sum = BigInt.asUintN(32, (sum ^ pair) * 0x01000193n);
    }
  }
  return String(BigInt.asIntN(32, sum));
}

/** The checksum, and the lines with the break before each. */
const parts = (text) => {
  const end = text.indexOf("\n");
  return [text.slice(0, end), text.slice(end)];
};

/** With the checksum that it should have: only so are its lines looked at. */
function sealed(record) {
  const lines = record.includes("\n") ? parts(record)[1] : `\n${record}`;
  return checksum(lines) + lines;
}

const isSealed = (text) =>
  text.includes("\n") && Number(parts(text)[0]) === Number(checksum(parts(text)[1]));

/** Who makes the checksum right may say anything. */
const isEvent = ([flags, sequence, at, spliced, ...texts]) =>
  flags >= 0 &&
  flags < 8 &&
  [flags, sequence, at, spliced].every(Number.isSafeInteger) &&
  texts.every((text) => typeof text === "string");

/** What must stay whoever adopts it; sequences change. */
const essence = (events) =>
  events.map(([flags, , at, spliced, stream, text, tail]) => [
    flags & (CONTROL | LEFT),
    at,
    spliced,
    stream,
    text,
    tail,
  ]);

/** Records of any bytes. */
export function records(given) {
  for (const all of [given, given.map(sealed)]) {
    const [events, isDamaged] = read(all);
    const good = all.filter(isSealed);
    assert.ok(isDamaged || good.length === all.length, "damage is not told");
    // Who makes the checksum right may still leave out the text.
    for (const [, , , , , text = ""] of events) {
      assert.ok(
        good.some((record) => record.includes(text)),
        `out of nowhere: ${text}`,
      );
    }
    if (!events.every(isEvent)) continue;
    const expected = essence(events);
    const heir = new Book(new Map(events.map((event) => [event[1], event])));
    const write = heir.next(0, true);
    const [again, isDamagedNow] = read(write?.text ? [write.text] : []);
    assert.deepEqual([essence(again), isDamagedNow], [expected, false], "stored again");
  }
}

/** Bytes as a script of what happens to a log; a byte decides, and where they end all are zero. */
export function life(bytes) {
  let at = 0;
  const byte = () => bytes[at++] ?? 0;
  /** By sequence, until they are settled. */
  const held = new Map();
  const log = new Book(held);
  let stored = [];
  const writes = [];
  let next = 1000;
  let now = 0;

  const begin = (write) => write && writes.push(write);
  const settle = (done) => {
    const write = writes.shift();
    if (!write) return;
    // All or nothing.
    if (done) {
      stored = stored.slice(write.gone);
      if (write.text) stored.push(write.text);
    }
    log.settled(write, done, now);
  };
  const happens = [
    () => {
      const flags = byte() % 2 ? CONTROL : 0;
      const event = [flags, next++, byte(), byte(), "stü\t\n"[byte() % 5], `{"n":${at}`];
      event.push(["}", `,"same":"${byte() % 2}"}`][byte() % 2]);
      held.set(event[1], event);
      log.push(event);
    },
    () => {
      // A run of what is held, as the core tells it: one after the other, without a gap.
      const sequences = [...held.keys()];
      const mark = [SETTLED, 1, RETURNED][byte() % 3];
      const first = sequences[byte() % (sequences.length || 1)];
      const events = [];
      for (let most = (byte() % 4) + 1; most > 0 && held.has(first + events.length); most--) {
        const event = held.get(first + events.length);
        if (mark === RETURNED) event[0] &= ~LEFT;
        else if (mark !== SETTLED) event[0] |= LEFT;
        events.push(event);
      }
      if (mark === SETTLED) for (const { 1: sequence } of events) held.delete(sequence);
      if (events.length) log.mark(mark, first, events.length, events);
    },
    () => begin(log.next(now, false)),
    () => begin(log.next(now, true)),
    () => settle(true),
    () => settle(byte() % 2 === 0),
    () => (now += byte() * 1_000),
  ];
  while (at < bytes.length) happens[byte() % happens.length]();

  for (let rounds = 0; rounds < 50; rounds++) {
    now += 100_000;
    while (writes.length) settle(true);
    begin(log.next(now, false));
  }
  assert.equal(writes.length, 0, "it writes for ever");
  const [found, isDamaged] = read(stored);
  const expected = essence([...held.values()]);
  assert.deepEqual(essence(found), expected, "what is stored, and what nobody has settled");
  assert.ok(!isDamaged);
  if (!held.size) assert.deepEqual(stored, [], "records that nobody needs");
}
