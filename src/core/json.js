const DEPTH_MAX = 200;

/**
 * `JSON.stringify` that never throws; "" for what JSON cannot say (undefined, a function). BigInt
 * becomes text; NaN, an infinity, a cycle, a getter that throws and, beside any of these, what lies
 * deeper than 200 levels become null. The paths of what was lost that way are added to `altered`.
 */
export function stringify(value, altered) {
  try {
    const text = JSON.stringify(value) ?? "";
    // Only where a null stands can something be lost silently.
    if (!altered || !text.includes("null") || isWhole(value, text)) return text;
  } catch {}
  return JSON.stringify(copied(value, altered)) ?? "";
}

/** Whether surely each null in its text is one that it has itself, or stands for undefined. */
function isWhole(value, text) {
  if (value === null || typeof value !== "object") return typeof value !== "number";
  let unexplained = -1;
  for (let at = 0; at >= 0; at = text.indexOf("null", at + 1)) unexplained++;
  const open = [value];
  for (const inner of open) {
    if (inner.toJSON) return false;
    for (const member of Object.values(inner)) {
      if (member === null) {
        // Mostly a few lie close to the root, and nothing else has to be looked at.
        if (--unexplained === 0) return true;
      } else if (typeof member === "object") open.push(member);
      else if (typeof member === "number" && !Number.isFinite(member)) return false;
    }
  }
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
