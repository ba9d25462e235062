// An EventStore in the storage of a Durable Object.
//
// Keys are prefix, number of the record, number of its part: a value has at most 128 KiB where the
// storage is not backed by SQLite. Writes that follow one another without a pause are one, all or
// none, so a record is there as a whole.
import { SluiceboxError } from "../core/error.js";

/** Bytes of a part. */
const PART = 98_304;
/** Entries that one call takes. */
const ENTRIES_MAX = 128;

const invalid = (message) => new SluiceboxError("invalid_argument", "caller", message);

/** Prefixes in use, by storage. */
let used;

/** See pkg/types/delivery.d.ts. */
export function durableObjectStore(storage, options) {
  for (const name of ["list", "put", "delete"]) {
    if (typeof storage?.[name] !== "function") {
      throw invalid('"storage" must be the storage of a Durable Object (ctx.storage)');
    }
  }
  const { prefix = "sluicebox." } = options ?? {};
  if (typeof prefix !== "string" || !prefix || prefix.length > 256) {
    throw invalid('"prefix" must be a string of 1 to 256 characters');
  }
  used ??= new WeakMap();
  const taken = used.get(storage) ?? new Set();
  for (const other of taken) {
    if (other.startsWith(prefix) || prefix.startsWith(other)) {
      throw invalid(`"prefix" must not begin as another store's of this object does ("${other}")`);
    }
  }
  used.set(storage, taken.add(prefix));

  /** The keys of each record, oldest first; undefined before it is read. */
  let keys;
  let next = 0;

  const load = async () => {
    const found = new Map();
    for (const [key, part] of await storage.list({ prefix })) {
      const number = key.slice(prefix.length, key.lastIndexOf("."));
      if (!found.has(number)) found.set(number, []);
      found.get(number).push([key, part]);
    }
    const entries = [...found.values()];
    keys = entries.map((parts) => parts.map(([key]) => key));
    next = Math.max(next, Number([...found.keys()].at(-1) ?? -1) + 1);
    return entries.map((parts) => joined(parts.map(([, part]) => part)));
  };

  return {
    load,
    async append(records) {
      if (!keys) await load();
      const entries = [];
      for (const record of records) {
        const own = [];
        const number = padded(next++);
        for (let at = 0; at === 0 || at < record.length; at += PART) {
          own.push(`${prefix}${number}.${padded(own.length)}`);
          entries.push([own.at(-1), record.slice(at, at + PART)]);
        }
        keys.push(own);
      }
      await inGroups(entries, (group) => storage.put(Object.fromEntries(group)));
    },
    async remove(count) {
      if (!keys) await load();
      await inGroups(keys.splice(0, count).flat(), (group) => storage.delete(group));
    },
  };
}

/** Numbers as text that sorts. */
const padded = (number) => String(number).padStart(16, "0");

/** Without a pause in between. */
function inGroups(all, act) {
  const acts = [];
  for (let at = 0; at < all.length; at += ENTRIES_MAX)
    acts.push(act(all.slice(at, at + ENTRIES_MAX)));
  return Promise.all(acts);
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
