const DEPTH_MAX = 200;

/**
 * `JSON.stringify` that never throws; "" for what JSON cannot say (undefined, a function). BigInt
 * becomes text; NaN, an infinity, a cycle, a getter that throws and what lies deeper than 200
 * levels become null. The paths of what was lost that way are added to `altered`.
 */
export function stringify(value, altered) {
  try {
    const text = JSON.stringify(value) ?? "";
    // Only where a null stands can something be lost silently.
    if (!altered || !text.includes("null") || isWhole(value, 0)) return text;
  } catch {}
  return JSON.stringify(copied(value, altered)) ?? "";
}

/** Whether surely nothing in it becomes null that is none. */
function isWhole(value, depth) {
  if (typeof value === "number") return Number.isFinite(value);
  if (value === null || typeof value !== "object") return true;
  if (value.toJSON || depth > DEPTH_MAX) return false;
  if (Array.isArray(value)) return value.every((item) => isWhole(item, depth + 1));
  for (const name of Object.keys(value)) if (!isWhole(value[name], depth + 1)) return false;
  return true;
}

/**
 * What JSON would say of it, as a value of its own: it does not change with the original, and nothing in
 * it throws. `path` is where it stands in the event.
 */
export function copied(value, altered, path = [], above = []) {
  const lost = () => {
    altered?.push(path.join("."));
    return null;
  };
  try {
    if (typeof value === "number" && !Number.isFinite(value)) return lost();
    if (typeof value === "bigint") {
      lost();
      return String(value);
    }
    if (value === null || typeof value !== "object") return value;
    if (above.includes(value) || above.length > DEPTH_MAX) return lost();
    const inner = [...above, value];
    const member = (name, get) => {
      const at = [...path, name];
      try {
        return copied(get(), altered, at, inner);
      } catch {
        altered?.push(at.join("."));
        return null;
      }
    };
    if (typeof value.toJSON === "function") {
      // A date that is none has nothing to say.
      const said = value.toJSON();
      return said === null && value instanceof Date ? lost() : copied(said, altered, path, inner);
    }
    if (Array.isArray(value)) return value.map((item, at) => member(at, () => item));
    const copy = Object.create(null);
    for (const name of Object.keys(value)) copy[name] = member(name, () => value[name]);
    return copy;
  } catch {
    return lost();
  }
}

/** The text of an event; what was lost on the way is named by its own member `$altered`. */
export function eventText(event) {
  const altered = [];
  const text = stringify(event, altered);
  if (!altered.length || text[0] !== "{") return text;
  return `${text.slice(0, -1)}${text === "{}" ? "" : ","}"$altered":${JSON.stringify(altered)}}`;
}

/** undefined when the text is not JSON. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
