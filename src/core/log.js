// What outlives a page, so that another one or a later visit can go on: an append log of records. It is
// only ever appended to, and shortened from its old end.
//
//   record = lines, the first of which is the checksum of the rest, or its length
//   line   = flags TAB sequence TAB at TAB spliced TAB JSON of the stream TAB text TAB tail    an event
//          | mark TAB first sequence TAB count                                                 what became of some
//
// Texts are JSON, so none has a line break or a tab of its own. A stream and a tail that are those of the
// event before stand there as "=".

// An event is [flags, sequence, at, spliced, stream, text, tail, the record that has it].
import { CONTROL, inOrder, LEFT, RETURNED, SETTLED } from "./held.js";

/** In the place of what the event before has too. */
const SAME = "=";
/** Where marks begin among the first members of lines. */
const MARKS = 8;

/** Characters that nobody needs, before what is left is written anew; not less than what is left. */
const WASTE_MAX = 4_194_304;
/** Milliseconds: the first pause after a failure, and the longest. */
const [PAUSE, PAUSE_MAX] = [1_000, 60_000];

/** The book of one log: what is in which record, and what is to be written next. */
export class Book {
  /** All events that are not settled, by sequence; kept by the core. */
  #held;
  /** Those of them that are in no record. */
  #fresh;
  /** { live, size, waste } of each, oldest first: its events that are not settled, its size in characters,
   *  and how many of them nobody needs. */
  #records = [];
  /** [mark, first, count, records that have some of them] */
  #marks = [];
  /** Those that could not be written anew: where they were stored they are still. */
  #stored = new WeakSet();
  #isDirty = true;
  /** Records that are being written. */
  #writing = 0;
  #failures = 0;
  #notBefore = 0;
  #isSafe;

  /** `held` are the events of the core; `isSafe`: whoever stores the records knows the damaged ones by itself. */
  constructor(held, isSafe) {
    this.#held = held;
    this.#isSafe = isSafe;
    this.#fresh = [...held.values()];
  }

  push(event) {
    this.#fresh.push(event);
    this.#isDirty = true;
  }

  /** Notes what became of so many events from this sequence on; `events` are those of them that were held. */
  mark(mark, first, count, events) {
    const records = new Set();
    for (const { 5: text, 7: record } of events) {
      if (!record) continue;
      records.add(record);
      if (mark !== SETTLED) continue;
      record.live--;
      record.waste += text.length;
    }
    if (records.size) {
      this.#marks.push([mark + MARKS, first, count, records]);
      this.#isDirty = true;
    }
  }

  /**
   * What is to be written next: { text, gone }, which may be empty, and how many of the oldest records
   * may go; undefined where there is nothing to write, or not yet. While something is being written only
   * what `must` be is written.
   */
  next(now, must) {
    if (!this.#isDirty || now < this.#notBefore || (this.#writing && !must)) return undefined;
    this.#isDirty = false;
    const isNeeded = (record) => this.#records.includes(record);
    // What is being written may fail, and then it cannot be removed.
    let gone = this.#writing ? 0 : this.#records.findIndex(({ live }) => live);
    const isAnew = gone < 0 || (this.#wastes() && !this.#writing);
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
    const record = { live: events.length, waste: 0 };
    const stored = events.filter(({ 7: before }) => before);
    for (const event of events) event[7] = record;
    // Events that are fresh have been marked already.
    const lines = [...marks, ...events];
    const text = lines.length ? encode(lines, this.#isSafe) : "";
    if (lines.length) this.#records.push(record);
    record.size = text.length;
    this.#writing++;
    return { text, gone, record, events, stored, marks: all, removed };
  }

  /** A write that `next` gave is done, or failed: then its events come again. */
  settled({ record, events, stored, marks, removed }, done, now) {
    this.#writing--;
    this.#failures = done ? 0 : this.#failures + 1;
    this.#isDirty ||= this.#records[0]?.live === 0;
    if (done) return;
    this.#notBefore = now + Math.min(PAUSE * 2 ** this.#failures, PAUSE_MAX);
    // What was to go is there still, and goes with the next write.
    for (const old of removed) [old.live, old.waste] = [0, old.size];
    this.#records = [...removed, ...this.#records.filter((other) => other !== record)];
    for (const event of events) event[7] = undefined;
    for (const event of stored) this.#stored.add(event);
    this.#fresh.unshift(...events);
    this.#marks.unshift(...marks);
    this.#isDirty = true;
  }

  #wastes() {
    let [waste, needed] = [0, 0];
    for (const record of this.#records) {
      waste += record.waste;
      needed += record.size - record.waste;
    }
    return waste > Math.max(WASTE_MAX, needed);
  }

  /** Another page has adopted what was stored: gives what was not, which is to be stored as new. */
  lost() {
    const fresh = this.#fresh.filter(
      (event) => this.#held.has(event[1]) && !this.#stored.has(event),
    );
    [this.#fresh, this.#records, this.#marks] = [[], [], []];
    // Writes that failed came back in any order.
    return inOrder(fresh);
  }
}

/** The events of records that nobody has settled, oldest first, and whether some record was damaged. */
export function read(records, isSafe) {
  let isDamaged = false;
  const lines = records.flatMap((record) => {
    try {
      return decode(record, isSafe);
    } catch {
      isDamaged = true;
      return [];
    }
  });
  return [inOrder(replayed(lines)), isDamaged];
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
  return events.values();
}

function encode(lines, isSafe) {
  let stream, tail;
  const weighed = isSafe ? counted : summed;
  let sum = SEED;
  const parts = [""];
  const add = (part) => {
    sum = weighed(sum, part);
    parts.push(part);
  };
  for (const [kind, first, second, spliced, inStream, text, end] of lines) {
    if (kind >= MARKS) {
      add(`\n${kind}\t${first}\t${second}`);
      continue;
    }
    const known = inStream === stream ? SAME : JSON.stringify((stream = inStream));
    const flags = kind & (CONTROL | LEFT);
    add(`\n${flags}\t${first}\t${second}\t${spliced}\t${known}\t`);
    add(text);
    add(`\t${end === tail ? SAME : (tail = end)}`);
  }
  parts[0] = sum;
  // Joined, the text is in one piece: what else reads it would first put it into one.
  return parts.join("");
}

/** Throws where the record is damaged. */
function decode(record, isSafe) {
  const weighed = isSafe ? counted : summed;
  const [given, ...all] = record.split("\n");
  let [stream, tail] = [];
  let sum = SEED;
  const lines = all.map((line) => {
    const members = line.split("\t");
    const [kind, first, second, spliced, known, text, end] = members;
    const isEvent = +kind < MARKS && members.length > 5;
    const head = `\n${members.slice(0, isEvent ? 5 : Infinity).join("\t")}`;
    const parts = isEvent ? [`${head}\t`, text, `\t${members.slice(6).join("\t")}`] : [head];
    for (const part of parts) sum = weighed(sum, part);
    if (!isEvent) return [+kind, +first, +second];
    if (known !== SAME) stream = JSON.parse(known);
    if (end !== SAME) tail = end;
    return [+kind, +first, +second, +spliced, stream, text, tail];
  });
  if (+given !== sum) throw 0;
  return lines;
}

const SEED = 0x811c9dc5;

const counted = (sum, text) => sum + text.length;

/** FNV-1a of pairs of UTF-16 units: finds what a torn write or a bad disk makes of a record. Where an
 *  engine has once read behind the end of a text, all its reads are slow. */
function summed(sum, text) {
  const last = text.length - 1;
  let at = 0;
  for (; at < last; at += 2) {
    sum = Math.imul(sum ^ text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 16), 0x01000193);
  }
  return at > last ? sum : Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
}
