// Stride's REST interface and live streams.
import { THREE, refused, take } from "../outcome.mjs";

export async function stride({ Stride }, base, step) {
  const client = new Stride("key", { endpoint: `${base}/v1` });
  await step("get", () => client.get("/collect"), {
    statusCode: 200,
    data: ["clicks", "app_events"],
  });
  await step("post compresses for collect", () => client.post("/collect/s1", { a: "é€😀" }), {
    statusCode: 200,
    data: null,
  });
  await step("put", () => client.put("/analyze/q", { query: "SELECT 1" }), {
    statusCode: 200,
    data: null,
  });
  await step("delete gives the server's words", () => client.delete("/process/gone"), {
    statusCode: 404,
    data: { error: "no such process" },
  });
  await step("a malformed answer is told", () => client.get("/process"), {
    statusCode: 502,
    data: { error: "response contained malformed json" },
  });
  await step("a wrong path is refused", () => client.get("/bad"), [
    "invalid_path, caller",
    'path "/bad" is not valid for method "get"',
  ]);
  // Long enough that the request, in a page after its preflight, is there before it is given up.
  const hasty = new Stride("key", { endpoint: `${base}/v1`, timeout: 1500 });
  await step("no answer in time", () => hasty.post("/process/slow", {}), [
    "timeout, transport",
    "no answer from <base>/v1 within 1500 ms",
  ]);
  const lost = new Stride("key", { endpoint: "http://127.0.0.1:1" });
  await step("nobody there", () => lost.get("/collect"), [
    "network, transport",
    "could not reach http://127.0.0.1:1",
  ]);
  await step(
    "subscribe gives events as they come",
    async () => {
      const { statusCode, data } = await client.subscribe("/collect/live", { sample: 5 });
      return [statusCode, ...(await take(3, data))];
    },
    [200, ...THREE],
  );
  await step("a refused subscription", () => client.subscribe("/collect/secret"), {
    statusCode: 403,
    data: { error: "forbidden" },
  });
  await step(
    "an aborted subscription",
    async () => {
      const ending = new AbortController();
      const { data } = await client.subscribe("/collect/live", { signal: ending.signal });
      setTimeout(() => ending.abort(), 50);
      for await (const event of data) if (!event.n) return "no event";
      return data.state;
    },
    "closed",
  );
}
