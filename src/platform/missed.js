// Events that could not be shipped. They outlive a reload where there is a page that may store; two
// tabs add to one list.

/** Characters of the list: a page has some 5 MB of storage for everything, a process more memory. */
const STORED_MAX = 1024 * 1024;
const HELD_MAX = 16 * STORED_MAX;

/** A list of batches, each an array of events with its `bucketKey`. */
export class Missed {
  #name;
  #full;
  /** What cannot be stored. */
  #held = [];

  /** `owner` says whose list it is; `full` is called when the oldest batch gave way. */
  constructor(owner, stores, full) {
    if (stores && globalThis.document) this.#name = `sluicebox.missed.${hash(owner)}`;
    this.#full = full;
  }

  add(bucketKey, events) {
    const batch = [bucketKey, events];
    try {
      if (!this.#name) throw undefined;
      // Read each time: another tab adds to it too.
      localStorage.setItem(this.#name, this.#bounded([...this.#read(), batch], STORED_MAX)[0]);
    } catch {
      // No page, private, full or forbidden.
      this.#held = this.#bounded([...this.#held, batch], HELD_MAX)[1];
    }
  }

  all() {
    return [...this.#read(), ...this.#held].map(([bucketKey, events]) =>
      // Beside the events, where it does not show in what is posted.
      Object.defineProperty([...events], "bucketKey", { value: bucketKey }),
    );
  }

  /** All of them, which are then no longer kept. */
  take() {
    const all = this.all();
    this.#held = [];
    try {
      if (this.#name) localStorage.removeItem(this.#name);
    } catch {}
    return all;
  }

  #read() {
    if (!this.#name) return [];
    try {
      const list = JSON.parse(localStorage.getItem(this.#name) ?? "[]");
      return list.filter((one) => Array.isArray(one?.[1]));
    } catch {
      return [];
    }
  }

  /** [text, list] of at most so many characters: the newest. */
  #bounded(list, limit) {
    const before = list.length;
    let text = JSON.stringify(list);
    while (list.length > 1 && text.length > limit) {
      list = list.slice(Math.ceil(list.length / 8));
      text = JSON.stringify(list);
    }
    if (list.length < before) this.#full();
    return [text, list];
  }
}

/** FNV-1a, so that the name tells no key. */
function hash(text) {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193);
  return (hash >>> 0).toString(36);
}
