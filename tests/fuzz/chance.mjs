// Reproducible chance, and the corpora that are changed by it.

import { readdirSync, readFileSync } from "node:fs";
import { at } from "../../pkg/scripts/lib.mjs";

/** `below(n)` is a whole number from 0 to n - 1, `pick` one of a list. mulberry32, public domain. */
export function dice(seed) {
  let state = seed;
  const below = (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  };
  return { below, pick: (list) => list[below(list.length)] };
}

/** [name, bytes] of each file of a target's corpus, in order. */
export function corpus(target) {
  const folder = at(`tests/fuzz/corpus/${target}`);
  return readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(`${folder}/${name}`)]);
}

/** One of the files with one to eight changes: bytes, words, a piece taken out or put in from another. */
export function changed(files, words, { below, pick }) {
  let bytes = Buffer.from(pick(files)[1]);
  for (let more = below(8); more >= 0; more--) {
    const from = below(bytes.length + 1);
    const to = Math.min(bytes.length, from + below(20));
    const other = pick(files)[1];
    const start = below(other.length + 1);
    const middle = [
      () => Buffer.from(words.length ? pick(words) : ""),
      () => Buffer.of(below(256)),
      () => Buffer.alloc(0),
      () => other.subarray(start, start + below(40)),
    ][below(4)]();
    const keep = below(2) ? from : to;
    bytes = Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(keep)]);
  }
  return bytes;
}

/** `SEED=n` replays one change, `CHANGES=n` plays that many. */
export function* seeds(usual) {
  const { SEED, CHANGES } = process.env;
  const from = Number(SEED ?? 0);
  const to = SEED === undefined ? Number(CHANGES ?? usual) : from + 1;
  for (let seed = from; seed < to; seed++) yield seed;
}

/** Calls `run`; what it throws names what it was given. */
export function replay(name, run, ...given) {
  const named = (error) => {
    error.message = `${name}: ${error.message}`;
    throw error;
  };
  try {
    const running = run(...given);
    return running instanceof Promise ? running.catch(named) : running;
  } catch (error) {
    return named(error);
  }
}
