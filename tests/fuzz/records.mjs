// The log of undelivered events. Any bytes may be read: nothing comes out of a record whose checksum
// is wrong. And whatever happens to events and to writes, what is stored in the end is what nobody
// has settled.

import assert from "node:assert/strict";
import { ADOPTED, CONTROL, LEFT, Log, read } from "../../src/core/log.js";

/** Written a second time: later versions must read what is stored today. */
function checksum(text) {
  let sum = 0x811c9dc5n;
  for (const { length } of [text]) {
    for (let at = 0; at < length; at++) {
      sum = BigInt.asUintN(32, (sum ^ BigInt(text.charCodeAt(at))) * 0x01000193n);
    }
  }
  return String(BigInt.asIntN(32, sum));
}

const decoded = (bytes) => new TextDecoder().decode(bytes);
const encoded = (text) => new TextEncoder().encode(text);
const parts = (text) => [text.slice(0, text.indexOf("\n")), text.slice(text.indexOf("\n") + 1)];

/** With the checksum that it should have: only so are its lines looked at. */
function sealed(record) {
  const [, lines] = parts(decoded(record));
  return encoded(`${checksum(lines)}\n${lines}`);
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
  events.map(([flags, , at, spliced, stream, text]) => [
    flags & ~ADOPTED,
    at,
    spliced,
    stream,
    text,
  ]);

/** Records of any bytes. */
export function records(given) {
  for (const all of [given, given.map(sealed)]) {
    const [events, isDamaged] = read(all);
    const good = all.map(decoded).filter(isSealed);
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
    const heir = new Log();
    heir.adopt(events);
    const write = heir.next(0, true);
    const [again, isDamagedNow] = read(write?.record.length ? [write.record] : []);
    assert.deepEqual([essence(again), isDamagedNow], [expected, false], "stored again");
  }
}

/** Bytes as a script of what happens to a log; a byte decides, and where they end all are zero. */
export async function life(bytes) {
  let at = 0;
  const byte = () => bytes[at++] ?? 0;
  const log = new Log();
  /** Sequence → [flags, at, spliced, stream, text], until it is settled. */
  const held = new Map();
  let stored = [];
  const writes = [];
  let compacting;
  let oldest = 2 ** 40;
  let now = 0;

  const begin = (write) => write && writes.push(write);
  const settle = (done) => {
    const write = writes.shift();
    if (!write) return;
    // All or nothing.
    if (done) {
      stored = stored.slice(write.gone);
      if (write.record.length) stored.push(write.record);
    }
    log.settled(write, done, now);
  };
  const event = () => [
    byte() % 2 ? CONTROL : 0,
    byte(),
    byte(),
    "stü\t\n"[byte() % 5],
    `{"n":${at}}`,
  ];
  const happens = [
    () => {
      const [flags, ...rest] = event();
      held.set(log.push(flags, ...rest), [flags, ...rest]);
    },
    () => {
      const adopted = Array.from({ length: (byte() % 4) + 1 }, () => {
        const [flags, ...rest] = event();
        return [flags | (byte() % 2 ? LEFT : 0), 0, ...rest];
      });
      log.adopt(adopted);
      oldest -= adopted.length;
      adopted.forEach(([flags, , ...rest], index) => held.set(oldest + index, [flags, ...rest]));
      begin(log.next(now, true));
    },
    () => {
      // A run of what is held, as the core tells it: one after the other, without a gap.
      const sequences = [...held.keys()].sort((one, other) => one - other);
      const mark = byte() % 3;
      let sequence = sequences[byte() % (sequences.length || 1)];
      if (sequence === undefined) return;
      const first = sequence;
      for (let most = (byte() % 4) + 1; most > 0 && held.has(sequence); most--, sequence++) {
        if (mark === 0) held.delete(sequence);
        else if (mark === 1) held.get(sequence)[0] |= LEFT;
        else held.get(sequence)[0] &= ~LEFT;
      }
      log.mark(mark, first, sequence - first);
    },
    () => begin(log.next(now, false)),
    () => begin(log.next(now, true)),
    () => settle(true),
    () => settle(byte() % 2 === 0),
    () => (now += byte() * 1_000),
    () => {
      if (writes.length || compacting) return;
      const there = [...stored];
      compacting = log.compact(() => Promise.resolve(there));
    },
    async () => {
      begin(await compacting);
      compacting = undefined;
    },
  ];
  while (at < bytes.length) {
    const did = happens[byte() % happens.length]();
    if (did instanceof Promise) await did;
  }

  begin(await compacting);
  for (let rounds = 0; rounds < 50; rounds++) {
    now += 100_000;
    while (writes.length) settle(true);
    begin(log.next(now, false));
  }
  assert.equal(writes.length, 0, "it writes for ever");
  const [found, isDamaged] = read(stored);
  const expected = [...held].sort(([one], [other]) => one - other).map(([, event]) => event);
  assert.deepEqual(essence(found), expected, "what is stored, and what nobody has settled");
  assert.ok(!isDamaged);
  if (!held.size) assert.deepEqual(stored, [], "records that nobody needs");
}
