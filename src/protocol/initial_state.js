// Initial State's events and bodies, as their client makes them. Sources: the Events API blueprint, and
// ISStreamer 2.0.0.
import { CONTROL, textOf } from "../core/held.js";
import { stringify } from "../core/json.js";

/** Characters of a bucket's key and name, of the blueprint. */
export const BUCKET_MAX = 250;
/** Characters of a key, as ISStreamer's README has it; the blueprint recommends 100. */
export const KEY_MAX = 250;
/** Characters of a value, of the blueprint. */
export const VALUE_MAX = 2000;

/** Counts characters: a text of emoji has two code units for each. */
export const fits = (text, most) =>
  text.length <= most || (text.length <= 2 * most && [...text].length <= most);

/**
 * The service forbids three characters, and the key travels in a header: printable ASCII, and no
 * space at its ends, which fetch would cut off.
 */
export const isBucketKey = (text) => !/[^ -~]|[:"']|^ | $/.test(text);

/**
 * A value that the service takes: text, a finite number or a boolean. What is a value and neither is
 * carried as text. undefined for what is none.
 */
export function scalar(value) {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return String(value);
  }
  if (!(value instanceof Date)) return undefined;
  return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
}

/**
 * [prefix, [[key, value], …]] of an object: "list" for arrays, "dict" for plain objects, the class's
 * name for instances, which have their getters too. undefined for what is none, or is one value.
 */
export function members(object) {
  if (object === null || typeof object !== "object" || object instanceof Date) return undefined;
  if (object instanceof Map) return ["dict", entries([...object])];
  const isArray = ArrayBuffer.isView(object) && !(object instanceof DataView);
  if (Array.isArray(object) || isArray || object instanceof Set) {
    return ["list", entries(Array.from(object, (value, at) => [at, value]))];
  }
  const keys = new Set(Object.keys(object));
  const prototype = Object.getPrototypeOf(object);
  // Of any realm: a frame's plain objects have a root of their own.
  const isRoot = (up) => up === null || Object.getPrototypeOf(up) === null;
  for (let up = prototype; !isRoot(up); up = Object.getPrototypeOf(up)) {
    for (const [key, { get }] of Object.entries(Object.getOwnPropertyDescriptors(up))) {
      if (get) keys.add(key);
    }
  }
  const prefix = isRoot(prototype) ? "dict" : prototype.constructor?.name || "object";
  return [prefix, entries(Array.from(keys, (key) => [key, read(object, key)]))];
}

/** A getter that throws has nothing to say, and harms no other. */
function read(object, key) {
  try {
    return object[key];
  } catch {
    return null;
  }
}

/** As texts what the service has no other place for; a method is no value. */
const entries = (pairs) =>
  pairs
    .filter(([, value]) => typeof value !== "function")
    .map(([key, value]) => [
      key && typeof key === "object" ? stringify(key) : String(key),
      scalar(value) ?? (stringify(value) || "null"),
    ]);

/**
 * [path, header lines, a function that gives the body] of a request, which has one bucket's events, or makes
 * the bucket. No official client compresses, and whether the service takes it is not known.
 */
export function logged(events) {
  const [{ 0: flags, 4: bucket, 5: text }] = events;
  const lines = `X-IS-BucketKey: ${bucket}\n`;
  return flags & CONTROL
    ? ["/api/buckets", lines, () => text]
    : ["/api/events", lines, () => `[${events.map(textOf)}]`];
}

/** "epoch,key,value" with CRLF, quoted as RFC 4180; booleans as the original writes them. */
export function csvRow({ epoch, key, value }) {
  const said = value === true ? "True" : value === false ? "False" : String(value);
  return `${epoch},${quoted(key)},${quoted(said)}\r\n`;
}

const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
