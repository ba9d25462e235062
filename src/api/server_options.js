// The options of a server, checked.

import { callback, invalid, number, object, text } from "./check.js";
import { cors } from "./cors.js";
import { memory } from "./stores.js";

const MIB = 1024 * 1024;
const DAY = 24 * 3_600_000;

/** Most of what "rateLimit" takes: calls, and seconds. */
const MOST_CALLS = 1_000_000_000;
/** The longest that a timer waits. */
const MOST_MS = 2 ** 31 - 1;
const KINDS = ["memory", "sql", "redis"];
const ROLES = ["write", "read", "admin"];

export function serverOptions(options) {
  const given = object(options, "options");
  const store = given.store ?? memory();
  if (!KINDS.includes(store.kind) || !Array.isArray(store.keys)) {
    throw invalid('"store" must be made by memory(), sql() or redis()');
  }
  return {
    store,
    apiKeys: apiKeys(given.apiKeys),
    cors: cors(given.cors),
    maxBodyBytes: number(given.maxBodyBytes, "maxBodyBytes", 4 * MIB, 1),
    dedupeWindow: number(given.dedupeWindow, "dedupeWindow", DAY),
    rateLimit: rateLimit(given.rateLimit),
    maxSubscriptions: number(given.maxSubscriptions, "maxSubscriptions", 10_000),
    storeTimeout: milliseconds(given.storeTimeout, "storeTimeout", 30_000),
    maxWaitingBytes: number(given.maxWaitingBytes, "maxWaitingBytes", 64 * MIB, 1),
    log: callback(given.log, "log"),
  };
}

function milliseconds(value, name, fallback) {
  const given = number(value, name, fallback, 1);
  if (given > MOST_MS) throw invalid(`"${name}" must be at most ${MOST_MS} ms`);
  return given;
}

function apiKeys(keys) {
  if (keys == null) return undefined;
  for (const [key, role] of Object.entries(object(keys, "apiKeys"))) {
    text(key, "apiKeys");
    if (!ROLES.includes(role)) {
      const said = typeof role === "string" ? `"${role}"` : typeof role;
      throw invalid(`"apiKeys" gives a key the role ${said}: it must be ${ROLES.join(", ")}`);
    }
  }
  return keys;
}

function rateLimit(limit) {
  if (limit == null) return undefined;
  const { calls, seconds } = object(limit, "rateLimit");
  for (const [name, value] of Object.entries({ calls, seconds })) {
    if (!Number.isInteger(value) || value < 1 || value > MOST_CALLS) {
      throw invalid(`"rateLimit.${name}" must be a whole number from 1 to ${MOST_CALLS}`);
    }
  }
  return { calls, seconds };
}
