// What outlives a page, so that another one or a later visit can go on: an append log of records. It is
// only ever appended to, and shortened from its old end.
//
//   record = UTF-8 lines, the first of which is the checksum of the rest
//   line   = flags TAB sequence TAB at TAB spliced TAB JSON of the stream TAB text    an event
//          | mark TAB first sequence TAB count                                        what became of some
//
// Texts are JSON, so none has a line break or a tab of its own.

// An event is [flags, sequence, at, spliced, stream, text, the record that has it].
import { CONTROL, LEFT, RETURNED, SETTLED } from "./held.js";

/** Where marks begin among the first members of lines. */
const MARKS = 8;

/** Bytes written on top of as many as the last rewrite took, before what is left is written anew. */
const WASTE_MAX = 4_194_304;
/** Milliseconds: the first pause after a failure, and the longest. */
const [PAUSE, PAUSE_MAX] = [1_000, 60_000];

/** The book of one log: what is in which record, and what is to be written next. */
export class Book {
  /** All events that are not settled, by sequence; kept by the core. */
  #held;
  /** Those of them that are in no record. */
  #fresh;
  /** { live } of each record, oldest first: how many of its events are not settled. */
  #records = [];
  /** [mark, first, count, records that have some of them] */
  #marks = [];
  #bytes = 0;
  #isDirty = true;
  /** Records that are being written. */
  #writing = 0;
  #failures = 0;
  #notBefore = 0;

  constructor(held) {
    this.#held = held;
    this.#fresh = [...held.values()];
  }

  push(event) {
    this.#fresh.push(event);
    this.#isDirty = true;
  }

  /** Notes what became of so many events from this sequence on; `events` are those of them that were held. */
  mark(mark, first, count, events) {
    const records = new Set();
    for (const { 6: record } of events) {
      if (!record) continue;
      records.add(record);
      if (mark === SETTLED) record.live--;
    }
    if (records.size) {
      this.#marks.push([mark + MARKS, first, count, records]);
      this.#isDirty = true;
    }
  }

  /**
   * What is to be written next: { bytes, gone }, which may be none, and how many of the oldest records
   * may go; undefined where there is nothing to write, or not yet. While something is being written only
   * what `must` be is written.
   */
  next(now, must) {
    if (!this.#isDirty || now < this.#notBefore || (this.#writing && !must)) return undefined;
    this.#isDirty = false;
    const isNeeded = (record) => this.#records.includes(record);
    // What is being written may fail, and then it cannot be removed.
    let gone = this.#writing ? 0 : this.#records.findIndex(({ live }) => live);
    const isAnew = gone < 0 || (this.#bytes > WASTE_MAX && !this.#writing);
    if (isAnew) {
      gone = this.#records.length;
      // What is still held is written anew.
      if (this.#records.some(({ live }) => live)) this.#fresh = [...this.#held.values()];
    }
    const removed = this.#records.splice(0, gone);
    const events = this.#fresh.filter(({ 1: sequence }) => this.#held.has(sequence));
    // What is removed needs no mark.
    const all = this.#marks;
    const marks = all.filter(({ 3: records }) => [...records].some(isNeeded));
    [this.#fresh, this.#marks] = [[], []];
    if (!events.length && !marks.length && !gone) return undefined;
    const record = { live: events.length };
    for (const event of events) event[6] = record;
    // Events that are fresh have been marked already.
    const lines = [...marks, ...events];
    const bytes = lines.length ? encode(lines) : new Uint8Array();
    if (lines.length) this.#records.push(record);
    // A queue that is larger than the limit would be written anew each time.
    this.#bytes = isAnew ? -bytes.length : this.#bytes + bytes.length;
    this.#writing++;
    return { bytes, gone, record, events, marks: all, removed };
  }

  /** A write that `next` gave is done, or failed: then its events come again. */
  settled({ record, events, marks, removed }, done, now) {
    this.#writing--;
    this.#failures = done ? 0 : this.#failures + 1;
    this.#isDirty ||= this.#records[0]?.live === 0;
    if (done) return;
    this.#notBefore = now + Math.min(PAUSE * 2 ** this.#failures, PAUSE_MAX);
    // What was to go is there still, and goes with the next write.
    for (const old of removed) old.live = 0;
    this.#records = [...removed, ...this.#records.filter((other) => other !== record)];
    for (const event of events) event[6] = undefined;
    this.#fresh.unshift(...events);
    this.#marks.unshift(...marks);
    this.#isDirty = true;
  }

  /** Another page has adopted what was stored: gives what was not, which is to be stored as new. */
  lost() {
    const fresh = this.#fresh.filter(({ 1: sequence }) => this.#held.has(sequence));
    [this.#fresh, this.#records, this.#marks, this.#bytes] = [[], [], [], 0];
    // Writes that failed came back in any order.
    return fresh.sort((one, other) => one[1] - other[1]);
  }
}

/** The events of records that nobody has settled, oldest first, and whether some record was damaged. */
export function read(records) {
  let isDamaged = false;
  const lines = records.flatMap((record) => {
    try {
      return decode(record);
    } catch {
      isDamaged = true;
      return [];
    }
  });
  return [replayed(lines).sort((one, other) => one[1] - other[1]), isDamaged];
}

/** Events after all that became of them. */
function replayed(lines) {
  const events = new Map();
  for (const line of lines) {
    const [kind, first, count] = line;
    if (kind < MARKS) {
      events.set(first, line);
      continue;
    }
    for (const [sequence, event] of events) {
      if (sequence < first || sequence >= first + count) continue;
      if (kind === MARKS + SETTLED) events.delete(sequence);
      else event[0] = kind === MARKS + RETURNED ? event[0] & ~LEFT : event[0] | LEFT;
    }
  }
  return [...events.values()];
}

function encode(lines) {
  const body = lines
    .map(([kind, first, second, spliced, stream, text]) =>
      kind < MARKS
        ? [kind & (CONTROL | LEFT), first, second, spliced, JSON.stringify(stream), text]
        : [kind, first, second],
    )
    .map((line) => line.join("\t"))
    .join("\n");
  return new TextEncoder().encode(`${checksum(body)}\n${body}`);
}

/** Throws where the record is damaged. */
function decode(record) {
  const [sum, ...lines] = new TextDecoder().decode(record).split("\n");
  if (+sum !== checksum(lines.join("\n"))) throw 0;
  return lines.map((line) => {
    const [kind, first, second, spliced, stream, text] = line.split("\t");
    const known = [+kind, +first, +second];
    return known[0] < MARKS ? [...known, +spliced, JSON.parse(stream), text] : known;
  });
}

/** FNV-1a of UTF-16 units: finds what a torn write or a bad disk makes of a record. */
function checksum(text) {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  }
  return sum;
}
