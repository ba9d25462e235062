// Collector: batches, timers, retries.
import { delivered, until } from "../outcome.mjs";

export async function collector({ Collector }, base, step) {
  const client = new Collector("key", { endpoint: `${base}/v1` });
  await step("not started", () => client.collect("s", {}), [
    "not_running, caller",
    "the collector is not running: call start() first",
  ]);
  client.start();
  await step(
    "streams share a request",
    () => {
      client.collect("s1", { n: 1 });
      client.collect("s2", [{ n: 2 }, { n: 3 }]);
      return client.flush();
    },
    delivered(3),
  );
  await step(
    "the timer sends without being asked",
    async () => {
      client.collect("s1", { n: 4 });
      await until(() => client.ledger().pending === 0);
      return client.ledger();
    },
    delivered(4),
  );
  await step(
    "stop delivers what is held",
    () => {
      client.collect("s1", { n: 5 });
      return client.stop();
    },
    delivered(5),
  );
  const stubborn = new Collector("key", { endpoint: `${base}/recovering/v1` });
  stubborn.start();
  await step(
    "failures are tried again",
    () => {
      stubborn.collect("s", { n: 1 });
      return stubborn.stop();
    },
    delivered(1),
  );
  const own = [];
  const plain = new Collector("key", {
    compression: "none",
    fetch: async (url, { method }) => {
      own.push([method, url.slice(base.length)]);
      return new Response("{}");
    },
  });
  plain.start();
  await step(
    "another fetch can be given",
    async () => {
      plain.collect("s", { n: 1 });
      await plain.stop();
      return own.map(([method, url]) => [method, typeof url]);
    },
    [["POST", "string"]],
  );
}
