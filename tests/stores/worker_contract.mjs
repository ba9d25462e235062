// The contract of all stores over D1, at /d1/<case>, and in a Durable Object, at /object/<case>.
import { DurableObject } from "cloudflare:workers";
import { d1, durableObject, sql } from "sluicebox/server";
import { cases, runCase } from "./contract.mjs";

export class Events extends DurableObject {
  fetch(request) {
    return outcome(numberOf(request), (options) => sql(durableObject(this.ctx.storage), options));
  }
}

export default {
  fetch(request, env) {
    const number = numberOf(request);
    if (new URL(request.url).pathname.startsWith("/object")) {
      return env.Events.getByName(`case ${number}`).fetch(request);
    }
    const table = `events_${number}`;
    return outcome(number, (options) => sql(d1(env.D1), { ...options, table }));
  },
};

const numberOf = ({ url }) => Number(url.split("/").at(-1));

/** "passed", or what is wrong. */
async function outcome(number, storeOf) {
  try {
    await runCase(cases[number], storeOf);
    return new Response("passed");
  } catch (error) {
    return new Response(error.stack);
  }
}
