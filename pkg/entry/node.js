// The stream server on node:http.
import { createServer as createHttpServer } from "node:http";
import { Readable } from "node:stream";
import { SluiceboxError } from "./server.js";

const invalid = (message) => new SluiceboxError("invalid_argument", "caller", message);

/** Listens; resolves to { url, port, close() } when requests are taken. */
export function serve(server, options = {}) {
  const { port = 8080, host = options.hostname ?? "127.0.0.1" } = options;
  if (typeof server?.fetch !== "function") throw invalid('"server" must be made by createServer()');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalid('"port" must be a whole number from 0 to 65535');
  }
  const http = createHttpServer((incoming, outgoing) => {
    answer(server, incoming, outgoing).catch((error) => {
      console.error(error);
      if (!outgoing.headersSent) outgoing.writeHead(500);
      outgoing.end();
    });
  });
  return new Promise((resolve, reject) => {
    http.once("error", (error) => {
      reject(
        error.code === "EADDRINUSE"
          ? Object.assign(invalid(`"port" ${port} is in use: choose another one`), { cause: error })
          : error.code === "EACCES"
            ? invalid(`"port" ${port} needs more rights than this process has`)
            : error,
      );
    });
    http.listen(port, host, () => {
      const { port: actual } = http.address();
      const name = host.includes(":") ? `[${host}]` : host;
      resolve({ url: `http://${name}:${actual}`, port: actual, close: () => close(http, server) });
    });
  });
}

/** No new requests; live bodies end; what is being answered is answered. */
async function close(http, server) {
  const done = new Promise((resolve) => http.close(resolve));
  await server.close?.();
  http.closeIdleConnections();
  await done;
}

async function answer(server, incoming, outgoing) {
  const request = toRequest(incoming);
  const response = await server.fetch(request);
  const headers = {};
  for (const [name, value] of response.headers) headers[name] = value;
  if (!response.body) {
    headers["content-length"] = 0;
    outgoing.writeHead(response.status, headers).end();
    // What the server did not read must not stay in the connection.
    incoming.resume();
    return;
  }
  outgoing.writeHead(response.status, headers);
  outgoing.flushHeaders();
  const reader = response.body.getReader();
  const gone = new Promise((resolve) => outgoing.once("close", resolve));
  gone.then(() => reader.cancel().catch(() => {}));
  for (;;) {
    const { done, value } = await reader.read();
    if (done || outgoing.destroyed) break;
    if (!outgoing.write(value)) {
      await Promise.race([gone, new Promise((resolve) => outgoing.once("drain", resolve))]);
    }
  }
  outgoing.end();
}

// A full undici Request costs more than the whole rest of an answer; the server needs only this.
function toRequest(incoming) {
  const { method, headers } = incoming;
  return {
    method,
    url: `http://${headers.host ?? "localhost"}${incoming.url}`,
    headers: { get: (name) => headers[name] ?? null },
    remoteAddress: incoming.socket.remoteAddress,
    get body() {
      return method === "GET" || method === "HEAD" ? null : Readable.toWeb(incoming);
    },
  };
}
