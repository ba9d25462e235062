// RudderStack's browser SDK 3.34.1 and our Analytics, in a page.

import { after, before } from "node:test";
import { arrived, call, eventsOf, heard, kept, launch, open, site, visitor } from "./browser.mjs";
import { differential, untimed } from "./differential.mjs";
import { scenarios } from "./rudderstack-browser.scenarios.mjs";
import { differences } from "./rudderstack-browser.differences.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const side = (client) => {
  const run = async ({ visits, host = "127.0.0.1", troubles = 0 }, base, server) => {
    const url = base.replace("127.0.0.1", host);
    const context = await visitor(browser);
    try {
      const results = [];
      let count = 0;
      for (const { page: path, referer, calls } of visits) {
        const page = await open(context, `${url}/${path}`, referer);
        const given = await call(page, calls);
        results.push(...given);
        // Every call that was taken makes an event, but for one that forgets.
        count += calls.filter(([name], at) => name !== "reset" && !given[at].error).length;
        await arrived(server, count, troubles + 1);
        await heard(page);
        await page.close();
      }
      const events = eventsOf(server.requests);
      return {
        results,
        events,
        cookies: await kept(context),
        // Ids are random: which events have the same is what can be compared.
        visitors: ranks(events.map(({ anonymousId }) => anonymousId)),
        sessions: ranks(events.map(({ context }) => context.sessionId)),
      };
    } finally {
      await context.close();
    }
  };
  /** Answers 500 as often as the scenario wants it, then takes events. */
  run.serving = ({ troubles = 0 }) => {
    let left = troubles;
    return site(client, () => (left-- > 0 ? { status: 500 } : undefined));
  };
  return run;
};

const ranks = (values) => values.map((value) => values.indexOf(value));

function view(run, { attempts, onlyResults }) {
  const { results, cookies, visitors, sessions, events, requests, preflights } = untimed(run);
  if (onlyResults) return { results };
  const sent = requests.filter(({ path }) => path.startsWith("/v1/"));
  const { body, path, headers, ...last } = sent.at(-1);
  // The page's own, and compared as what is kept.
  const { cookie, referer, ...compared } = headers;
  const envelope = { ...last, headers: compared, sentAt: body.batch && body.sentAt };
  if (attempts) return { attempts: sent.length, envelope };
  const asked = preflights.map(({ method, path, headers }) => {
    const asks = (what) => headers[`access-control-request-${what}`];
    return { method, path, for: asks("method"), with: asks("headers") };
  });
  return { results, cookies, visitors, sessions, events, envelope, preflights: asked };
}

differential({
  title: "RudderStack browser",
  scenarios,
  original: side("original"),
  ours: side("ours"),
  view,
  differences,
  concurrency: 4,
});
