// An events API of Initial State that records, and fails as it is told to.

import { createServer } from "node:http";

/**
 * `script` holds the answers to come, for events and for buckets: [status, body, headers]. Where it
 * is empty, all is well; status 0 cuts the connection.
 */
export async function startService() {
  const service = { requests: [], script: { events: [], buckets: [] } };
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      const { url, headers } = request;
      const at = Date.now();
      const bucket = headers["x-is-bucketkey"];
      service.requests.push({ url, headers, bucket, body: JSON.parse(text), at });
      const isEvents = url === "/api/events";
      const scripted = service.script[isEvents ? "events" : "buckets"].shift();
      const [status, body = "", extra = {}] = scripted ?? [isEvents ? 204 : 201];
      if (!status) return request.socket.destroy();
      response.writeHead(status, extra).end(status === 204 ? undefined : body);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  service.url = `http://127.0.0.1:${server.address().port}`;
  service.reset = () => {
    service.requests = [];
    service.script = { events: [], buckets: [] };
  };
  /** The bodies of requests for events, or the values in them. */
  service.bodies = () =>
    service.requests.filter(({ url }) => url === "/api/events").map(({ body }) => body);
  service.values = () => service.bodies().map((body) => body.map(({ value }) => value));
  service.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return service;
}
