import { DurableObject } from "cloudflare:workers";
import { createServer, durableObject, sql } from "sluicebox/server";

/** A stream server whose events are in the object's own database. */
class Server extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.server = createServer({
      store: sql(durableObject(ctx.storage), { keys: list(env.KEYS) }),
      ...(env.API_KEYS && { apiKeys: JSON.parse(env.API_KEYS) }),
      cors: env.CORS === "*" ? "*" : list(env.CORS),
    });
  }

  fetch(request) {
    return this.server.fetch(request);
  }

  async has(stream) {
    return (await this.server.items({ end: 1, stream })).length > 0;
  }
}

/** One stream. */
export class Stream extends Server {
  #isListed = false;

  async fetch(request) {
    const response = await super.fetch(request);
    if (request.method === "DELETE") this.#isListed = false;
    else if (!this.#isListed && response.ok) await this.#list();
    return response;
  }

  /** Asked again with the next request when the directory cannot be reached: the event is kept. */
  async #list() {
    const { name } = this.ctx.id;
    if (!(await this.has(name))) return;
    try {
      await this.env.DIRECTORY.getByName("directory").list(name);
      this.#isListed = true;
    } catch (error) {
      console.warn(`the stream ${name} is not listed yet:`, error);
    }
  }
}

/** Which streams there are: a stream server too, with one event in each. */
export class Directory extends Server {
  async list(stream) {
    if (!(await this.has(stream))) await this.server.insert({}, { stream, id: stream });
  }
}

function list(text) {
  return (text ?? "").split(",").filter(Boolean);
}
