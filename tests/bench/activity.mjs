// The recorded activity of public repositories, as often as needed, each time under new ids.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { at } from "../../pkg/scripts/lib.mjs";

export const KEYS = ["user", "kind", "repo"];

const text = gunzipSync(readFileSync(at("www/data/activity.ndjson.gz"))).toString();

/** In the order they were recorded, oldest first. */
export const recorded = text
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

/**
 * A function that gives the next of `size` events. Fewer than were recorded are taken evenly from all
 * years, so that any number has the same users, kinds and repositories in the same proportions.
 */
export function activity(size = recorded.length) {
  const [first, last] = [recorded[0], recorded.at(-1)].map(({ date }) => Date.parse(date));
  const step = Math.max(1, recorded.length / size);
  let count = 0;
  return () => {
    const place = Math.floor(count * step);
    const event = recorded[place % recorded.length];
    const round = Math.floor(place / recorded.length);
    // Rounds lie within each other, so that every page has events of several.
    const time = Date.parse(event.date) + Math.round((round * (last - first)) / 1e6);
    return { $id: `event-${count++}`, $timestamp: new Date(time).toISOString(), ...event };
  };
}
