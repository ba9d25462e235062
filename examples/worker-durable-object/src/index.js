import { DurableObject } from "cloudflare:workers";
import { Collector, durableObjectStore } from "sluicebox";

/** Milliseconds for one attempt, and until the next one. */
const ATTEMPT = 5_000;
const PAUSE = 10_000;

export class Outbox extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.collector = new Collector(env.EVENTS_KEY ?? "key", {
      endpoint: env.EVENTS_URL,
      storage: durableObjectStore(ctx.storage),
      onError: (error, events) => console.error(error.code, error.message, events.length),
    });
    this.collector.start();
  }

  async take(event) {
    this.collector.collect("orders", event);
    // The answer waits until what the object writes is stored.
    await this.ctx.storage.setAlarm(Date.now());
  }

  async alarm() {
    const { pending } = await this.collector.flush({ timeout: ATTEMPT });
    if (pending > 0) await this.ctx.storage.setAlarm(Date.now() + PAUSE);
  }
}

export default {
  async fetch(request, env) {
    if (request.method !== "POST") return new Response("POST a JSON object\n", { status: 405 });
    await env.OUTBOX.getByName("outbox").take(await request.json());
    return new Response("accepted\n", { status: 202 });
  },
};
