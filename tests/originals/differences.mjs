// Differences that all protocols have in common.

import { ABSENT } from "./compare.mjs";

/** What Node's fetch sends of itself; in a browser it is the browser's own. */
export const runtime = (userAgent) => [
  {
    at: "requests[*].headers.user-agent",
    original: userAgent ?? ABSENT,
    ours: "node",
    why: "the runtime's own: a page cannot set it in every browser",
  },
  {
    at: "requests[*].headers.accept-language",
    original: ABSENT,
    ours: "*",
    why: "the runtime's own",
  },
  {
    at: "requests[*].headers.sec-fetch-mode",
    original: ABSENT,
    ours: "cors",
    why: "the runtime's own",
  },
];
