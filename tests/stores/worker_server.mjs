// The stream server over D1, at /d1/…, and over the SQLite of a Durable Object, at /object/….
import { DurableObject } from "cloudflare:workers";
import { createServer, d1, durableObject, sql } from "sluicebox/server";

const OPTIONS = { keys: ["kind", "n", "text"] };

export class Events extends DurableObject {
  #server = createServer({ store: sql(durableObject(this.ctx.storage), OPTIONS) });

  fetch(request) {
    return this.#server.fetch(request);
  }
}

let server;

export default {
  fetch(request, env) {
    const [, store, rest] = /^https?:\/\/[^/]*\/([^/]*)(\/.*)$/.exec(request.url);
    const inner = new Request(new URL(rest, request.url), request);
    if (store === "object") return env.Events.getByName("events").fetch(inner);
    server ??= createServer({ store: sql(d1(env.D1), OPTIONS) });
    return server.fetch(inner);
  },
};
