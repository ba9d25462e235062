// RudderStack's event shape. Sources: the event specification, and the official SDKs (Python
// 2.1.9, Node 3.0.13, browser 3.34.1).

/** The gateway's limit for a request, less than what a batch puts around its events. */
export const EVENT_BYTES_MAX = 4_095_000;

/** An event out of all its members but the first two: its text, and how much of it is not the user's. */
export const identified = (members, id, now) => [
  `{"messageId":"${id}","originalTimestamp":"${new Date(now).toISOString()}"${members}`,
  0,
];

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
