// The steps over D1 and over the SQLite of a Durable Object.
import { DurableObject } from "cloudflare:workers";
import { d1, durableObject } from "sluicebox/server";
import { steps } from "./driver_steps.mjs";

export class WithSqlite extends DurableObject {
  fetch() {
    return seen(() => durableObject(this.ctx.storage));
  }
}

export class WithoutSqlite extends DurableObject {
  fetch() {
    return seen(() => durableObject(this.ctx.storage));
  }
}

export default {
  fetch(request, env) {
    const binding = new URL(request.url).pathname.slice(1);
    if (binding === "D1") return seen(() => d1(env.D1));
    if (binding === "Session") return seen(() => d1(env.D1.withSession("first-primary")));
    return env[binding].get(env[binding].idFromName("one")).fetch(request);
  },
};

async function seen(open) {
  try {
    const driver = open();
    const exact = await driver
      .transaction([{ sql: "SELECT ?", params: [2n ** 60n] }])
      .catch((error) => `${error.code}: ${error.message}`);
    return Response.json({ seen: await steps(driver), exact });
  } catch (error) {
    return Response.json({ code: error.code, message: error.message, stack: error.stack });
  }
}
