/** `JSON.stringify` that never throws; "" for what JSON cannot say (undefined, a function). */
export function stringify(value) {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return JSON.stringify(total(value, [])) ?? "";
  }
}

// The slow path, for values JSON.stringify refuses: BigInt becomes text, a cycle or a getter that
// throws becomes null, everything else stays as JSON.stringify has it.
function total(value, path) {
  try {
    if (typeof value === "bigint") return String(value);
    if (value === null || typeof value !== "object") return value;
    if (path.includes(value)) return null;
    const inner = [...path, value];
    if (typeof value.toJSON === "function") return total(value.toJSON(), inner);
    if (Array.isArray(value)) return value.map((item) => total(item, inner));
    const copy = Object.create(null);
    for (const key of Object.keys(value)) {
      try {
        copy[key] = total(value[key], inner);
      } catch {
        copy[key] = null;
      }
    }
    return copy;
  } catch {
    return null;
  }
}

/** undefined when the text is not JSON. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
