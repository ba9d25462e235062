// StreamClient: insert, items, subscribe.
import { THREE, refused, take } from "../outcome.mjs";

export async function streamClient({ StreamClient }, base, step) {
  const client = new StreamClient(`${base}/stream`, { apiKey: "k" });
  await step("insert", () => client.insert({ a: 1 }, { date: new Date(1500) }), "id-1");
  await step("items", () => client.items({ where: { a: [1, "x"] }, end: 2 }), [{ n: 2 }, { n: 1 }]);
  await step(
    "subscribe",
    async () => take(3, await client.subscribe({ where: { a: 1 }, after: "0" })),
    THREE,
  );
  const locked = new StreamClient(`${base}/locked`);
  await step("without a key", () => locked.items(), [
    "unauthorized, server, 401",
    "the server refused the request: who are you?",
  ]);
}
