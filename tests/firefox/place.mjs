// A stream server that can be away, as its store is not, and Firefox with a profile that stays.

import { once } from "node:events";
import puppeteer from "puppeteer-core";
import { serve } from "sluicebox/node";
import { createServer, memory } from "sluicebox/server";
import { freePort } from "../e2e/app.mjs";
import { comesUp } from "../e2e/launch.mjs";

/** Firefox with this folder as its profile. */
export const launchFirefox = (folder) =>
  comesUp(() =>
    puppeteer.launch({
      browser: "firefox",
      executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
      userDataDir: folder,
      headless: true,
    }),
  );

/** Ends all of its processes at once, as a machine that loses its power does. */
export async function kill(browser) {
  const child = browser.process();
  const ended = once(child, "exit");
  // The processes of its pages end when it is gone.
  child.kill("SIGKILL");
  await ended;
}

/** { url, up(), down(), items(query), came() }: what is kept, and how many events were taken in all. */
export async function streamServer() {
  let taken = 0;
  const log = ({ stored, level, message }) => {
    if (level === "error") throw new Error(message);
    taken += stored;
  };
  const server = createServer({ store: memory({ keys: ["id"] }), cors: "*", log });
  const host = { fetch: (request) => server.fetch(request) };
  let listening;
  const place = {
    async up() {
      listening = await serve(host, { port: listening?.port ?? (await freePort()) });
      place.url = listening.url;
    },
    /** Refuses connections from now on. */
    down: () => listening.close(),
    items: (query) => server.items({ end: 10_000, ...query }),
    came: () => taken,
  };
  await place.up();
  return place;
}
