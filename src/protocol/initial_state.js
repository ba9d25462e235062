// Initial State's events, as their client makes them. Sources: the Events API blueprint, and
// ISStreamer 2.0.0.

/** Characters of a key, as ISStreamer's README has it; the blueprint recommends 100. */
export const KEY_MAX = 250;
/** Characters of a value, of the blueprint. */
export const VALUE_MAX = 2000;

/**
 * A value that the service takes: text, a finite number or a boolean. What is a value and neither is
 * carried as text. undefined for what is none, unless `stringify` makes text of it.
 */
export function valueOf(value, stringify) {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return String(value);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "null" : value.toISOString();
  return stringify && (stringify(value) || "null");
}

/**
 * [prefix, [[key, value], …]] of an object: "list" for arrays, "dict" for plain objects, the class's
 * name for instances, which have their getters too. undefined for what is no object.
 */
export function members(object) {
  if (object === null || typeof object !== "object") return undefined;
  if (object instanceof Map) return ["dict", [...object]];
  if (Array.isArray(object) || ArrayBuffer.isView(object) || object instanceof Set) {
    return ["list", Array.from(object, (value, at) => [at, value])];
  }
  const prototype = Object.getPrototypeOf(object);
  const keys = new Set(Object.keys(object));
  if (prototype === null || prototype === Object.prototype) return ["dict", read(object, keys)];
  for (let up = prototype; up && up !== Object.prototype; up = Object.getPrototypeOf(up)) {
    for (const [key, { get }] of Object.entries(Object.getOwnPropertyDescriptors(up))) {
      if (get && key !== "__proto__") keys.add(key);
    }
  }
  return [prototype.constructor?.name || "object", read(object, keys)];
}

/** A getter that throws has nothing to say, and harms no other. */
const read = (object, keys) =>
  Array.from(keys, (key) => {
    try {
      return [key, object[key]];
    } catch {
      return [key, null];
    }
  }).filter(([, value]) => typeof value !== "function");

/** "epoch,key,value" with CRLF, quoted as RFC 4180; booleans as the original writes them. */
export function csvRow(epoch, key, value) {
  const said = value === true ? "True" : value === false ? "False" : String(value);
  return `${epoch},${quoted(key)},${quoted(said)}\r\n`;
}

const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
