// What an error of ours must be.

import assert from "node:assert/strict";
import { SluiceboxError } from "sluicebox";

/** The call throws an error of this code, whose message has these words. */
export const refuses = (act, code, words) =>
  assert.throws(act, (error) => isError(error, code, words));

/** As `refuses`, for a promise. */
export const rejects = (promise, code, words) =>
  assert.rejects(promise, (error) => isError(error, code, words));

/** Fails unless it is an error of this code with these words. */
export function isError(error, code, words) {
  assert.ok(error instanceof SluiceboxError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
}
