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

/** A function that gives the next event. The second time round is later than the first. */
export function activity() {
  const [first, last] = [recorded[0], recorded.at(-1)].map(({ date }) => Date.parse(date));
  let count = 0;
  return () => {
    const event = recorded[count % recorded.length];
    const round = Math.floor(count / recorded.length);
    // Rounds lie within each other, so that every page has events of several.
    const time = Date.parse(event.date) + Math.round((round * (last - first)) / 1e6);
    return { $id: `event-${count++}`, $timestamp: new Date(time).toISOString(), ...event };
  };
}
