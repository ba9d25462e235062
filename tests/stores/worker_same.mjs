// The stream server over D1, at /d1/<number>/…, and in Durable Objects, at /object/<number>/….
import { DurableObject } from "cloudflare:workers";
import { createServer, d1, durableObject, sql } from "sluicebox/server";

const KEYS = ["kind", "n", "flag"];

export class Events extends DurableObject {
  #server = createServer({ store: sql(durableObject(this.ctx.storage), { keys: KEYS }) });

  fetch(request) {
    return this.#server.fetch(request);
  }
}

const servers = new Map();

export default {
  fetch(request, env) {
    const [, store, number, rest] = /^\w+:\/\/[^/]*\/(\w+)\/(\w+)(\/.*)$/.exec(request.url);
    const inner = new Request(new URL(rest, request.url), request);
    if (store === "object") return env.Events.getByName(number).fetch(inner);
    if (!servers.has(number)) {
      const table = `events_${number}`;
      servers.set(number, createServer({ store: sql(d1(env.D1), { keys: KEYS, table }) }));
    }
    return servers.get(number).fetch(inner);
  },
};
