// A stream server of ours, apart from the pages and programs that send to it.

import { createServer } from "sluicebox/server";
import { serve } from "sluicebox/node";
import { eventually } from "../../e2e/app.mjs";

/** Many tools work at once on a small machine. */
export const MOST_MS = 30_000;

/**
 * Resolves to { url, hold(), stored(stream), close() }. After `hold()` no event is answered until what it
 * returned is called.
 */
export async function startDataPlane() {
  const server = createServer({ cors: "*" });
  let held;
  const fetch = async (request) => {
    if (request.method === "POST") await held;
    return server.fetch(request);
  };
  const listening = await serve({ fetch, close: () => server.close?.() }, { port: 0 });
  return {
    url: listening.url,
    hold() {
      let release;
      held = new Promise((resolve) => (release = resolve));
      return release;
    },
    /** Resolves to the names of the events of a stream when there are so many. */
    stored: (stream, count = 1) =>
      eventually(
        `${count} of "${stream}" are stored`,
        async () => {
          const items = await server.items({ stream });
          return items.length >= count && items.map(({ event }) => event).reverse();
        },
        MOST_MS,
      ),
    close: () => listening.close(),
  };
}
