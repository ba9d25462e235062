// The stores that a server can be made with: plain data, checked.

import { invalid, number, object, text } from "./check.js";

const GIB = 1024 ** 3;

/** Names that `items` has for something else. */
const RESERVED = ["start", "end", "$stream"];

/** The longest name leaves room for what is put behind it: engines cap names at 63 bytes. */
const TABLE = /^[A-Za-z_][A-Za-z0-9_]{0,47}$/;

const PREFIX = /^[\w.:/-]{1,100}$/;

function keysOf({ keys = [] }) {
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string" && key)) {
    throw invalid('"keys" must be a list of non-empty strings');
  }
  const reserved = RESERVED.find((name) => keys.includes(name));
  if (reserved) throw invalid(`"keys" must not have "${reserved}"`);
  return [...new Set(keys)];
}

/** Keys are the members of events that can be filtered by. */
export function memory(options) {
  const given = object(options, "options");
  const most = Math.min(number(given.maxBytes, "maxBytes", GIB, 1), 3.5 * GIB);
  return { kind: "memory", keys: keysOf(given), maxBytes: most };
}

export function sql(driver, options) {
  if (typeof driver?.transaction !== "function") {
    throw invalid('"driver" must have a method "transaction": make it by libsql(), postgres() …');
  }
  const { dialect } = driver;
  if (dialect !== "sqlite" && dialect !== "postgres") {
    throw invalid('"driver" must have the dialect "sqlite" or "postgres"');
  }
  const given = object(options, "options");
  const table = given.table == null ? "events" : text(given.table, "table");
  if (!TABLE.test(table)) {
    throw invalid('"table" must be a letter or _, then at most 47 letters, digits or _');
  }
  // PostgreSQL folds names that are not quoted.
  const name = dialect === "postgres" ? table.toLowerCase() : table;
  return { kind: "sql", driver, dialect, keys: keysOf(given), name };
}

export function redis(driver, options) {
  if (typeof driver?.command !== "function" || typeof driver.transaction !== "function") {
    throw invalid(
      '"driver" must have "command" and "transaction": make it by nodeRedis() or upstash()',
    );
  }
  const given = object(options, "options");
  const prefix = given.prefix == null ? "sluicebox" : text(given.prefix, "prefix");
  if (!PREFIX.test(prefix)) {
    throw invalid('"prefix" must be 1 to 100 letters, digits or . _ : / -');
  }
  // What stands in braces decides where a cluster keeps a key: all keys of a store in one place.
  return { kind: "redis", driver, keys: keysOf(given), name: `{${prefix}}` };
}
