// What is kept outside the core, so that a new instance, another page or a later visit can go on: an
// append log of records. It is only ever appended to, and shortened from its old end.
//
//   record = UTF-8 lines, the first of which is the checksum of the rest
//   line   = flags TAB sequence TAB at TAB spliced TAB JSON of the stream TAB text    an event
//          | mark TAB first sequence TAB count                                        what became of some
//
// Texts are JSON, so none has a line break or a tab of its own.

/** Flags of an event: it is not the user's own; it is adopted; a page that went away handed it over. */
export const CONTROL = 1;
export const ADOPTED = 2;
export const LEFT = 4;

/** Marks, as the core tells them. */
const SETTLED = 0;
const RETURNED = 2;
/** Where marks begin among the first members of lines. */
const MARKS = 8;

/** The first sequence: what is adopted is older, and counts down from here. */
const FIRST = 2 ** 40;
/** Bytes written since the log was empty, before what is left is written anew. */
const WASTE_MAX = 4_194_304;
/** Milliseconds: the first pause after a failure, and the longest. */
const [PAUSE, PAUSE_MAX] = [1_000, 60_000];

/** The book of one log: what is in which record, and what is to be written next. */
export class Log {
  /** Events that are in no record yet: [flags, sequence, at, spliced, stream, text]. */
  recent = [];
  #next = FIRST;
  #oldest = FIRST;
  /** Of each record that is there, or is being written: the sequences that nobody has settled. */
  #records = [];
  #marks = [];
  #bytes = 0;
  #isDirty = false;
  /** What is being written, oldest first. */
  #writes = [];
  #isCompacting = false;
  #failures = 0;
  #notBefore = 0;

  /** Takes in an event, and gives it its sequence. */
  push(flags, at, spliced, stream, text) {
    this.recent.push([flags, this.#next, at, spliced, stream, text]);
    this.#isDirty = true;
    return this.#next++;
  }

  /** Takes in events of other logs, which are older than all that is here. */
  adopt(events) {
    let sequence = (this.#oldest -= events.length);
    for (const event of events) event[1] = sequence++;
    this.recent.unshift(...events);
    this.#isDirty = true;
  }

  /** All that nobody has settled, oldest first; `records` are those that are stored. */
  held(records) {
    const events = [...replayed([...read(records)[0], ...this.#marks]), ...this.recent];
    return events.sort((one, other) => one[1] - other[1]);
  }

  get isEmpty() {
    return !this.recent.length && this.#records.every((live) => !live.size);
  }

  /** Notes what became of so many events from this sequence on. */
  mark(mark, first, count) {
    const end = first + count;
    const isNamed = ([, sequence]) => sequence >= first && sequence < end;
    if (this.recent.length && end > this.recent[0][1]) {
      if (mark === SETTLED) this.recent = this.recent.filter((event) => !isNamed(event));
      else for (const event of this.recent) if (isNamed(event)) event[0] = flagged(event[0], mark);
    }
    let isStored = false;
    for (let sequence = first; sequence < end; sequence++) {
      for (const record of this.#records) {
        isStored ||= record.has(sequence);
        if (mark === SETTLED) record.delete(sequence);
      }
    }
    if (isStored) {
      this.#marks.push([mark + MARKS, first, count]);
      this.#isDirty = true;
    }
  }

  /**
   * What is to be written next: { record, gone }, a Uint8Array that may be empty and how many of the
   * oldest records may go; undefined where there is nothing to write, or not yet. While something is
   * being written only what `must` be is written.
   */
  next(now, must) {
    const isWriting = this.#isCompacting || this.#writes.length;
    if (!this.#isDirty || now < this.#notBefore || (isWriting && !must)) return undefined;
    let gone = 0;
    // Counted when it is done: what fails leaves them there.
    if (!isWriting) while (this.#records[gone]?.size === 0) gone++;
    const isEmptied = gone === this.#records.length;
    if (isEmptied) this.#bytes = 0;
    // What is adopted goes by itself, as it comes before all others.
    const own = this.recent.findIndex(([, sequence]) => sequence >= FIRST);
    const events = this.recent.splice(0, own > 0 ? own : Infinity);
    const marks = this.#marks;
    this.#marks = [];
    this.#isDirty = this.recent.length > 0;
    // What is removed needs no mark.
    return events.length || marks.length || gone
      ? this.#begin(events, isEmptied ? [] : marks, gone, events, marks)
      : undefined;
  }

  /** A write that `next` or `compact` gave is done, or failed: then its events come again. */
  settled(write, done, now) {
    this.#writes.shift();
    this.#failures = done ? 0 : this.#failures + 1;
    if (done) this.#records.splice(0, write.gone);
    else {
      this.#notBefore = now + Math.min(PAUSE * 2 ** this.#failures, PAUSE_MAX);
      this.#records = this.#records.filter((record) => record !== write.live);
      const later = this.#writes.flatMap(({ marks }) => marks);
      const events = replayed([...write.events, ...later, ...this.#marks]);
      this.recent = [...events, ...this.recent].sort(bySequence);
      // In their order, though those of later writes may be there already.
      this.#marks.unshift(...write.marks, ...later);
    }
    this.#isDirty ||= !done || this.#records[0]?.size === 0;
  }

  /** Whether most of what is stored is needed by nobody; `compact` then writes what is left anew. */
  get isWasteful() {
    return this.#bytes > WASTE_MAX && !this.#isCompacting && !this.#writes.length;
  }

  /** As `next`, of all that is stored, which `load` gives a promise of. */
  async compact(load) {
    const known = [...this.#records];
    this.#isCompacting = true;
    const records = await load();
    this.#isCompacting = false;
    // What a page that hid had to write meanwhile may not be among them.
    if (known.at(-1) !== this.#records.at(-1)) return undefined;
    const marks = this.#marks;
    [this.#marks, this.#bytes] = [[], 0];
    // Where it fails they are still in the records that are there.
    return this.#begin(replayed([...read(records)[0], ...marks]), [], known.length, [], marks);
  }

  /** `events` and `marks` come again where it fails. */
  #begin(lines, more, gone, events, marks) {
    const live = new Set(lines.map(([, sequence]) => sequence));
    // What is in `lines` has been marked already.
    lines = [...more, ...lines];
    const record = lines.length ? encode(lines) : new Uint8Array();
    if (lines.length) this.#records.push(live);
    this.#bytes += record.length;
    const write = { record, gone, events, marks, live };
    this.#writes.push(write);
    return write;
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
  return [replayed(lines).sort(bySequence), isDamaged];
}

const bySequence = (one, other) => one[1] - other[1];

const flagged = (flags, mark) => (mark === RETURNED ? flags & ~LEFT : flags | LEFT);

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
      else event[0] = flagged(event[0], kind - MARKS);
    }
  }
  return [...events.values()];
}

function encode(lines) {
  const body = lines
    .map(([kind, ...line]) => {
      if (kind < MARKS) line[3] = JSON.stringify(line[3]);
      return [kind, ...line].join("\t");
    })
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
