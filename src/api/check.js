// Argument checks. Each error names the argument and its limit.
import { SluiceboxError } from "../core/error.js";

export const invalid = (message) => new SluiceboxError("invalid_argument", "caller", message);

export const notRunning = (message) => new SluiceboxError("not_running", "caller", message);

/** An object, or {} when left out. */
export function object(value, name) {
  if (value == null) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw invalid(`"${name}" must be an object`);
  return value;
}

export function text(value, name) {
  if (typeof value !== "string" || !value) throw invalid(`"${name}" must be a non-empty string`);
  return value;
}

/** Basic authentication separates with ":", and HTTP headers take printable ASCII. */
export function key(value, name) {
  if (!/^[!-9;-~]+$/.test(text(value, name))) {
    throw invalid(`"${name}" must be printable ASCII without ":" or spaces`);
  }
  return value;
}

/** A base URL, without a slash at its end. What fetch refuses would be retried until `maxAge`. */
export function url(value, name) {
  try {
    if (/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/.test(value) && new URL(value)) {
      return value.replace(/\/+$/, "");
    }
  } catch {}
  throw invalid(
    `"${name}" must be a URL that starts with http:// or https://, without a query or a user`,
  );
}

export function number(value, name, fallback, least = 0) {
  if (value == null) return fallback;
  if (!(typeof value === "number" && value >= least)) {
    throw invalid(`"${name}" must be a number of at least ${least}`);
  }
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

/** A member that is true, false or left out. */
export function flag(options, name) {
  const value = options[name] ?? false;
  if (value !== !!value) throw invalid(`"${name}" must be true or false`);
  return value;
}

export function callback(value, name) {
  if (value != null && typeof value !== "function") throw invalid(`"${name}" must be a function`);
  return value ?? undefined;
}

export function oneOf(value, name, words) {
  if (value == null) return words[0];
  if (!words.includes(value)) {
    throw invalid(`"${name}" must be ${words.map((word) => `"${word}"`).join(" or ")}`);
  }
  return value;
}

/** Something that keeps records, or one of the words. */
export function eventStore(value, name, words) {
  if (!value || typeof value !== "object") return oneOf(value, name, words);
  for (const member of ["append", "load", "remove"]) {
    if (typeof value[member] !== "function") {
      throw invalid(`"${name}" must have a function "${member}"`);
    }
  }
  return value;
}
