// Differences that all protocols have in common.

import { ABSENT } from "./compare.mjs";

/** What Node's fetch sends of itself; in a browser it is the browser's own. */
export const runtime = (userAgent, where = "requests[*]") => [
  {
    at: `${where}.headers.user-agent`,
    original: userAgent ?? ABSENT,
    ours: "node",
    why: "the runtime's own: a page cannot set it in every browser",
  },
  {
    at: `${where}.headers.accept-language`,
    original: ABSENT,
    ours: "*",
    why: "the runtime's own",
  },
  {
    at: `${where}.headers.sec-fetch-mode`,
    original: ABSENT,
    ours: "cors",
    why: "the runtime's own",
  },
];

/** Every client of RudderStack says which it is. */
export const library = (name, version) => [
  {
    at: "events[*].context.library.name",
    original: name,
    ours: "sluicebox",
    why: "says which client made the event",
  },
  {
    at: "events[*].context.library.version",
    original: version,
    ours: /^\d+\.\d+\.\d+$/,
    why: "says which client made the event",
  },
];
