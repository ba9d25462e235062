// @ts-check
// What the server keeps of what this page sent, as its live feed tells: each event by its id.
import { isSent, sentCount, watchSent } from "./network.js";

/** @type {Set<string>} */
const seen = new Set();
let kept = 0;
let twice = 0;

const idOf = (event) => String(event.messageId ?? event.$id ?? "");

watchSent((id) => {
  if (seen.has(id)) kept += 1;
});

/** An event that came back. @param {Record<string, any>} event @param {boolean} [again] looked up, not told */
export function cameBack(event, again = false) {
  const id = idOf(event);
  if (!id) return;
  if (seen.has(id)) {
    if (!again) twice += 1;
    return;
  }
  seen.add(id);
  if (isSent(id)) kept += 1;
}

/** Of the events that this page sent: how many the server has, how many it has twice. */
export const keptByServer = () => ({ sent: sentCount(), kept, twice });
