// What the drivers share: they refuse a client that cannot do what they will ask of it.

import { SluiceboxError } from "../../core/error.js";

/** Throws unless `value` has all the methods; `what` says in words what it must be. */
export function client(value, name, methods, what) {
  if (methods.every((method) => typeof value?.[method] === "function")) return value;
  throw refusal(name, what);
}

export const refusal = (name, what) =>
  new SluiceboxError("invalid_argument", "caller", `"${name}" must be ${what}`);

/** Nothing but reads: other connections may go on writing meanwhile. */
export const onlyReads = (statements) =>
  statements.every(({ sql }) => /^\s*(select|with recursive)\b/i.test(sql));

/** For a client that takes no bigint: the same number, if a number can say it. */
export function numbers(params) {
  return params.map((value) => {
    if (typeof value !== "bigint") return value;
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw refusal("params", `numbers of at most 2^53 - 1: ${value} cannot be kept exactly`);
  });
}
