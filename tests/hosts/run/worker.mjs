// A Cloudflare Worker: bundled as wrangler would. The clients stand at module scope, where a Worker
// may do no I/O, set no timer and draw no random number.
import * as sluicebox from "sluicebox";
import { exercise } from "../exercise.mjs";

const { Analytics, Collector, StreamClient, Streamer, Stride } = sluicebox;

// Where to send is not known at module scope, so what stands there sends through this.
let base;
const there = (url, init) => fetch(url.replace("http://base", base), init);
const given = { writeKey: "wk", dataPlaneUrl: "http://base", fetch: there };
// What its request left behind is soon sent again; so may be what a busy machine answers late.
const shared = new Analytics({ ...given, timeout: 500 });
const collector = new Collector("key", { endpoint: "http://base/v1", fetch: there });
collector.start();
const stride = new Stride("key", { endpoint: "http://base/v1", fetch: there });
const streamer = new Streamer({ accessKey: "ak", endpoint: "http://base/initial", fetch: there });
const stream = new StreamClient("http://base/stream", { fetch: there });

// An event needs an id, and there are no random numbers here: refused, but nothing is broken by it.
const early = new Analytics(given);
let refusal;
try {
  early.track("at module scope");
} catch ({ message }) {
  refusal = message;
}

const routes = {
  exercise: () => exercise(sluicebox, base),

  /** A client for each request, which answers at once. */
  own(name, ctx) {
    const analytics = new Analytics({ ...given, waitUntil: ctx.waitUntil.bind(ctx) });
    analytics.track(name);
    analytics.track(`${name} again`);
    return analytics.ledger();
  },

  /** The client of the module, flushed after the answer. */
  shared(name, ctx) {
    shared.track(name);
    ctx.waitUntil(shared.flush());
    return shared.ledger();
  },

  /** The same, flushed before the answer. */
  async flushed(name) {
    shared.track(name);
    return shared.flush({ timeout: 60_000 });
  },

  /** The same, and nobody waits for it. */
  forgotten(name) {
    shared.track(name);
    return shared.ledger();
  },

  /** The same, sent, but its request does not wait for the answer. */
  abandoned(name) {
    shared.track(name);
    shared.flush();
    return shared.ledger();
  },

  async early(name) {
    early.track(name);
    return [refusal, await early.flush()];
  },

  async others() {
    collector.collect("s", { n: 1 });
    streamer.log("t", 1);
    return {
      ledgers: [await collector.flush(), await streamer.flush()],
      collect: await stride.get("/collect"),
      items: await stream.items(),
    };
  },
};

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    base = url.searchParams.get("base");
    const act = routes[url.pathname.slice(1)];
    return Response.json(await act(url.searchParams.get("name"), ctx));
  },
};
