// Redis over REST for a test: what Upstash's REST API does with a POST, over a real Redis. Source:
// Upstash's REST API.

import { createServer } from "node:http";
import { createClient } from "redis";

export const TOKEN = "secret-token";

/** Serves the Redis behind `url`. Resolves to { url, token, stop }. */
export async function startRest(redisUrl) {
  const client = createClient({ url: redisUrl });
  client.on("error", () => {});
  await client.connect();
  const server = createServer(async (request, response) => {
    const { status, body } = await answer(client, request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    token: TOKEN,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await client.close();
    },
  };
}

async function answer(client, request) {
  const body = await read(request);
  if (request.headers.authorization !== `Bearer ${TOKEN}`) {
    const error = "WRONGPASS invalid or missing auth token";
    return { status: 401, body: { error } };
  }
  if (request.method !== "POST") {
    return { status: 405, body: { error: "ERR method not allowed" } };
  }
  try {
    if (request.url === "/") {
      return { status: 200, body: { result: await client.sendCommand(JSON.parse(body)) } };
    }
    if (request.url === "/multi-exec") {
      return { status: 200, body: await together(client, JSON.parse(body)) };
    }
    return { status: 404, body: { error: `ERR no such path: ${request.url}` } };
  } catch (error) {
    return { status: 400, body: { error: error.message } };
  }
}

/** What fails while it runs stands in its place; what cannot be queued fails all. */
async function together(client, commands) {
  const multi = client.multi();
  for (const command of commands) multi.addCommand(command);
  const replies = await multi.exec().catch((error) => {
    if (error.replies) return error.replies;
    throw error;
  });
  return replies.map((it) => (it instanceof Error ? { error: it.message } : { result: it }));
}

async function read(request) {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
