// RudderStack's event shape. Sources: the event specification, and the official SDKs (Python
// 2.1.9, Node 3.0.13, browser 3.34.1). The core puts `messageId` and `originalTimestamp` in front.

/** The gateway's limit for a request, less than what a batch puts around its events. */
export const EVENT_BYTES_MAX = 4_095_000;

/** Who made the event; not the caller's to change. */
export const library = { name: "sluicebox", version: "0.1.0" };

/** The caller's context over ours, two levels deep: one member of the page leaves the others. */
export function contextOver(ours, given) {
  const all = { ...ours };
  for (const name in given) {
    const both = [ours[name], given[name]];
    const isObject = (value) => value && typeof value === "object" && !Array.isArray(value);
    all[name] = both.every(isObject) ? { ...both[0], ...both[1] } : both[1];
  }
  return { ...all, library };
}
