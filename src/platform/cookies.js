// What a visit leaves in the browser, in the form of RudderStack's browser SDK 3, so that a site
// may switch in either direction and its visitors stay who they are: cookies, and local storage
// where cookies are refused.

/** The SDK calls it encryption. */
const PREFIX = "RS_ENC_v3_";
const YEAR_SECONDS = 31_536_000;

/** What is not written yet, or cannot be: name → value, undefined for what is to go. */
const waiting = new Map();
/** Whether the end of the task is waited for. */
let isEnding = false;

/** What is stored under these names: { name: text }. Reading may be forbidden; then nothing is there. */
export function readAll(names) {
  const found = {};
  try {
    for (const part of document.cookie.split("; ")) {
      const at = part.indexOf("=");
      const name = part.slice(0, at);
      if (names.includes(name)) found[name] = part.slice(at + 1);
    }
  } catch {}
  try {
    for (const name of names) {
      const text = name in found ? null : localStorage.getItem(name);
      if (text) found[name] = text;
    }
  } catch {}
  for (const [name, value] of waiting) {
    if (value === undefined) delete found[name];
    else found[name] = encode(value);
  }
  return found;
}

/** Characters of a cookie's value; browsers take 4096 bytes with its name and attributes. */
const COOKIE_MAX = 3800;
/** Whether cookies are taken: found out once, as reading one back costs as much as an event. */
let works;

/**
 * Stores the value, or removes what is there when it is undefined: at the end of the task, because the
 * browser takes its time. Where it cannot be stored, the page remembers it.
 */
export function write(name, value) {
  waiting.set(name, value);
  if (!isEnding) queueMicrotask(writeAll);
  isEnding = true;
}

export function writeAll() {
  isEnding = false;
  for (const [name, value] of [...waiting]) {
    try {
      put(name, value === undefined ? "" : encode(value));
      waiting.delete(name);
    } catch {}
  }
}

function put(name, text) {
  const stored = encodeURIComponent(text);
  const set = (value, age) => {
    document.cookie = `${name}=${value}; max-age=${age}; path=/; samesite=lax${domain()}`;
  };
  const fits = stored.length <= COOKIE_MAX && works !== false;
  // What does not fit removes the older value too, which would win otherwise.
  if (text && fits) set(stored, YEAR_SECONDS);
  else set("", 0);
  if (text && fits) works ??= document.cookie.split("; ").includes(`${name}=${stored}`);
  if (!text) localStorage.removeItem(name);
  else if (!fits || !works) localStorage.setItem(name, JSON.stringify(text));
}

/** The value of a text that `readAll` gave; undefined when it cannot be read. */
export function decode(text) {
  try {
    let value = decodeURIComponent(text);
    // In local storage the text is JSON once more; a value that was never encoded is JSON too.
    if (!value.startsWith(PREFIX)) value = JSON.parse(value);
    if (!value?.startsWith?.(PREFIX)) return value;
    const bytes = Uint8Array.from(atob(value.slice(PREFIX.length)), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function encode(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return PREFIX + btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

let found;
/** The widest domain that takes a cookie, so that all its hosts know the visitor. */
function domain() {
  if (found !== undefined) return found;
  found = "";
  const parts = location.hostname.split(".");
  const isAddress = /^[\d.]+$|:/.test(location.hostname);
  for (let n = 2; n <= parts.length && !isAddress && !found; n++) {
    const suffix = `; domain=.${parts.slice(-n).join(".")}`;
    const set = (age) => {
      document.cookie = `rl_test=1; max-age=${age}; path=/; samesite=lax${suffix}`;
    };
    set(9);
    if (document.cookie.includes("rl_test=1")) found = suffix;
    set(0);
  }
  return found;
}
