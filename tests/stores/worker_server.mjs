// The stream server over D1, at /d1/…, and over the SQLite of a Durable Object, at /object/….
import { DurableObject } from "cloudflare:workers";
import { createServer, d1, durableObject, sql } from "sluicebox/server";

const OPTIONS = { keys: ["kind", "n", "text"] };

export class Events extends DurableObject {
  #rows = 0;
  #server = createServer({ store: sql(durableObject(this.#counted(this.ctx.storage)), OPTIONS) });

  /** A storage that counts the rows which the database reads and writes: what Cloudflare bills. */
  #counted(storage) {
    const exec = (...query) => {
      const cursor = storage.sql.exec(...query);
      const toArray = () => {
        const rows = cursor.toArray();
        this.#rows += cursor.rowsRead + cursor.rowsWritten;
        return rows;
      };
      return { toArray };
    };
    return { sql: { exec }, transactionSync: (work) => storage.transactionSync(work) };
  }

  async fetch(request) {
    const before = this.#rows;
    const answer = await this.#server.fetch(request);
    const response = new Response(answer.body, answer);
    response.headers.set("rows", String(this.#rows - before));
    return response;
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
