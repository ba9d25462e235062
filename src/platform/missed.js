// Events that could not be shipped, in batches. Each batch is an entry of its own in the page's
// storage: two tabs that store at the same moment overwrite nothing of each other.
import { parse } from "../core/json.js";
import { wallNow } from "./host.js";

// 1 and 16 MiB of characters: a page has some 5 MB of storage for everything, a process more memory.
// Not as products, which a bundler would keep in a page that has no Streamer.
const STORED_MAX = 1_048_576;
const HELD_MAX = 16_777_216;
/** A batch is written anew for each event that joins it, so it does not grow for ever. */
const BATCH_MAX = 65_536;

/** Batches { bucketKey, bucketName, events }, oldest first. */
export class Missed {
  #prefix;
  #stores;
  #countMax;
  #uuid;
  #tab;
  #time = 0;
  /** What cannot be stored: name → text. */
  #held = new Map();
  #heldSize = 0;
  /** Bucket key → name of the batch that takes its next event. */
  #open = new Map();

  /** `owner` says whose they are; a batch has at most `countMax` events. */
  constructor(owner, stores, countMax, uuid) {
    this.#prefix = `sluicebox.missed.${hash(owner)}.`;
    // Node has a localStorage too, which warns when touched.
    this.#stores = stores && Boolean(globalThis.document);
    this.#countMax = Math.floor(countMax);
    this.#uuid = uuid;
  }

  /** Keeps events of one bucket; gives back the batches that had to give way. */
  add(bucketKey, bucketName, events) {
    for (let at = 0; at < events.length;) {
      let name = this.#open.get(bucketKey);
      // Another tab may have taken it.
      const text = name && this.#get(name);
      let batch = text && text.length < BATCH_MAX ? parse(text) : undefined;
      if (!Array.isArray(batch?.events) || batch.events.length >= this.#countMax) {
        name = this.#name();
        batch = { bucketKey, bucketName, events: [] };
        this.#open.set(bucketKey, name);
      }
      const end = at + this.#countMax - batch.events.length;
      batch.events = batch.events.concat(events.slice(at, end));
      this.#set(name, JSON.stringify(batch));
      at = end;
    }
    return this.#makeRoom();
  }

  all() {
    return [...new Set([...this.#stored(), ...this.#held.keys()])]
      .sort()
      .map((name) => parse(this.#get(name)))
      .filter((batch) => typeof batch?.bucketKey === "string" && Array.isArray(batch.events));
  }

  /** All of them, which are then no longer kept. */
  take() {
    const all = this.all();
    for (const name of [...this.#stored(), ...this.#held.keys()]) this.#remove(name);
    return all;
  }

  /** Sorts by time, also among tabs. */
  #name() {
    this.#tab ??= this.#uuid();
    this.#time = Math.max(wallNow(), this.#time + 1);
    return `${this.#prefix}${this.#time}.${this.#tab}`;
  }

  /** undefined where storage is absent, private, full or forbidden. */
  #disk(act) {
    try {
      return this.#stores ? act(localStorage) : undefined;
    } catch {}
  }

  #stored() {
    const names = this.#disk((disk) => Object.keys(disk)) ?? [];
    return names.filter((name) => name.startsWith(this.#prefix)).sort();
  }

  #get(name) {
    return this.#held.get(name) ?? this.#disk((disk) => disk.getItem(name)) ?? "";
  }

  #set(name, text) {
    if (this.#disk((disk) => disk.setItem(name, text) ?? true)) return this.#release(name);
    this.#heldSize += text.length - (this.#held.get(name)?.length ?? 0);
    this.#held.set(name, text);
  }

  #remove(name) {
    this.#release(name);
    this.#disk((disk) => disk.removeItem(name));
  }

  #release(name) {
    this.#heldSize -= this.#held.get(name)?.length ?? 0;
    this.#held.delete(name);
  }

  #makeRoom() {
    const gone = [];
    const give = (name) => {
      gone.push(parse(this.#get(name)));
      this.#remove(name);
    };
    const stored = this.#stored().map((name) => [name, name.length + this.#get(name).length]);
    let size = stored.reduce((sum, [, length]) => sum + length, 0);
    for (const [name, length] of stored) {
      if (size <= STORED_MAX) break;
      size -= length;
      give(name);
    }
    for (const name of this.#held.keys()) {
      if (this.#heldSize <= HELD_MAX) break;
      give(name);
    }
    return gone.filter((batch) => Array.isArray(batch?.events));
  }
}

/** FNV-1a, so that the name tells no key. */
function hash(text) {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193);
  return (hash >>> 0).toString(36);
}
