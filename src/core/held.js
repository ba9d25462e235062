// Events that are not settled. Each is [flags, sequence, at, spliced, stream, text, tail], and then what
// its keeper notes of it. On the wire it is its text and its tail, which many share.

/** Flags: it is not the user's own; it is adopted; a page that went away handed it over. */
export const CONTROL = 1;
export const ADOPTED = 2;
export const LEFT = 4;

/** Marks, as the core tells them: nobody needs it any more; it was handed over; it was not taken. */
export const SETTLED = 0;
export const RETURNED = 2;

/** The first sequence: what is adopted is older, and counts down from here. In V8 a key of a Map that has
 *  no more than 30 bits is found twice as fast. */
export const FIRST = 2 ** 29;

/** Events by sequence: those of this page count up, those that are adopted down. */
export class Held extends Map {
  /** The sequence of the next event. */
  next = FIRST;
  #oldest = FIRST;

  push(event) {
    this.set((event[1] = this.next++), event);
  }

  /** They were there before all others; oldest first. */
  unshift(events) {
    let sequence = (this.#oldest -= events.length);
    for (const event of events) this.set((event[1] = sequence++), event);
  }

  of(sequences) {
    return Array.from(sequences, (sequence) => this.get(sequence));
  }

  /** Marks so many from this sequence on, as far as they are there, and gives them. */
  mark(mark, first, count) {
    const events = [];
    for (let sequence = first; sequence < first + count; sequence++) {
      const event = this.get(sequence);
      if (!event) continue;
      events.push(event);
      if (mark === SETTLED) this.delete(sequence);
      else event[0] = mark === RETURNED ? event[0] & ~LEFT : event[0] | LEFT;
    }
    return events;
  }
}

/** Oldest first. */
export const inOrder = (events) => [...events].sort((one, other) => one[1] - other[1]);

/** One JSON value, as it goes on the wire. */
export const textOf = ({ 5: text, 6: tail }) => text + tail;

/** As it was accepted: without what we put after its brace ourselves. */
export const accepted = ({ 3: spliced, 5: text, 6: tail }) =>
  text[0] + text.slice(1 + spliced) + tail;

/** Bytes in UTF-8. */
export function byteLength(text) {
  let bytes = text.length;
  for (let at = text.length; at--;) {
    const unit = text.charCodeAt(at);
    // Of a pair each half is two bytes.
    if (unit > 127) bytes += unit > 2047 && unit >> 11 !== 27 ? 2 : 1;
  }
  return bytes;
}

/** Ids of the form of random ones: of each that `random` gives, its last eight bits count on. */
export function series(random) {
  let count = 256;
  let head;
  return () => {
    if (count > 255) [count, head] = [0, random().slice(0, -2)];
    const last = (count++).toString(16);
    return head + (last.length < 2 ? "0" : "") + last;
  };
}
