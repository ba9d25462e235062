// The stream server on node:http.
import { STATUS_CODES, createServer as createHttpServer } from "node:http";
import { Readable } from "node:stream";
import { gunzip, gunzipSync } from "node:zlib";
import { promisify } from "node:util";
import { SluiceboxError } from "./server.js";

export { fileStore } from "./file_store.js";

const ANSWER = Symbol.for("sluicebox.answer");
const [WHOLE, TOO_LARGE, BROKEN] = [0, 1, 2];
const NOTHING = new Uint8Array(0);

/** Smaller ones are unpacked at once: a thread would take longer to begin. */
const SMALL_GZIP = 16 * 1024;

/** How long the rest of a body that is too large is read, and thrown away. */
const LINGER = 2000;

/** How long `close()` waits for requests that do not end by themselves. */
const GRACE = 10_000;

/** Bytes of a request's first line and headers together. */
const MAX_HEAD = 16 * 1024;

/** Milliseconds that a request's first line and headers may take, of `requestTimeout`. */
const HEAD_TIME = 20_000;

/** The longest that a timer waits. */
const MOST_MS = 2 ** 31 - 1;

/** What Node.js refuses before it is a request, by the code of its error. */
const REFUSALS = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request did not arrive in time"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "the extensions of the chunks are too large"],
  HPE_HEADER_OVERFLOW: [431, `the address and the headers are larger than ${MAX_HEAD} bytes`],
};

const invalid = (message) => new SluiceboxError("invalid_argument", "caller", message);

/** Listens; resolves to { url, port, close() } when requests are taken. */
export async function serve(server, options = {}) {
  const { port = 8080, host = "127.0.0.1", requestTimeout = 60_000 } = options ?? {};
  if (typeof server?.fetch !== "function") throw invalid('"server" must be made by createServer()');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalid('"port" must be a whole number from 0 to 65535');
  }
  if (typeof host !== "string" || !host) throw invalid('"host" must be a non-empty string');
  if (!Number.isInteger(requestTimeout) || requestTimeout < 1 || requestTimeout > MOST_MS) {
    throw invalid(`"requestTimeout" must be a whole number from 1 to ${MOST_MS}`);
  }
  const settings = {
    maxHeaderSize: MAX_HEAD,
    requestTimeout,
    headersTimeout: Math.min(HEAD_TIME, requestTimeout),
    connectionsCheckingInterval: Math.min(5000, Math.ceil(requestTimeout / 2)),
  };
  const http = createHttpServer(settings, (incoming, outgoing) => {
    outgoing.once("close", () => {
      // A connection that waits for another request must not hold up close().
      if (!http.listening) setImmediate(() => http.closeIdleConnections());
    });
    answer(server, incoming, outgoing).catch((error) => {
      console.error(error);
      if (!outgoing.headersSent) outgoing.writeHead(500);
      outgoing.end();
    });
  });
  const sockets = new Set();
  http.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  http.on("clientError", refuse);
  await new Promise((resolve, reject) => {
    http.once("error", (error) => reject(whyNot(error, port, host)));
    http.listen(port, host, resolve);
  });
  const actual = http.address().port;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${name}:${actual}`,
    port: actual,
    close: () => close(http, server, sockets),
  };
}

function whyNot(error, port, host) {
  const sentence = {
    EADDRINUSE: `"port" ${port} is in use: choose another one`,
    EACCES: `"port" ${port} needs more rights than this process has`,
    EADDRNOTAVAIL: `"host" ${host} is no address of this machine`,
    ENOTFOUND: `"host" ${host} is not known`,
  }[error.code];
  return sentence ? Object.assign(invalid(sentence), { cause: error }) : error;
}

/** An answer to what is no request, unless another answer has begun. */
function refuse(error, socket) {
  if (!socket.writable || socket._httpMessage?._headerSent) return socket.destroy(error);
  const [status, sentence] = REFUSALS[error.code] ?? [400, "this is no request of HTTP/1.1"];
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "connection: close",
    "content-type: text/plain; charset=utf-8",
    `content-length: ${sentence.length + 1}`,
    "",
    `${sentence}\n`,
  ];
  // A socket closed with bytes unread is reset, and the answer lost.
  socket.end(lines.join("\r\n"));
  setTimeout(() => socket.destroy(), LINGER).unref();
}

/** No new requests; live bodies end; what is being answered is answered. */
async function close(http, server, sockets) {
  const done = new Promise((resolve) => http.close(resolve));
  const late = setTimeout(() => http.closeAllConnections(), GRACE);
  await server.close?.();
  http.closeIdleConnections();
  // To Node.js a connection that was opened ahead, as browsers do, is not idle.
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  await done;
  clearTimeout(late);
}

async function answer(server, incoming, outgoing) {
  const request = toRequest(incoming);
  const { status, headers, body } = await (server[ANSWER]?.(request) ?? server.fetch(request));
  // What nobody read must not stay in the connection: a socket closed with bytes unread is reset,
  // and the answer lost. But nobody may make us read for ever.
  incoming.resume();
  if (request.gaveUp && !incoming.complete) {
    outgoing.shouldKeepAlive = false;
    setTimeout(() => incoming.destroy(), LINGER).unref();
  }
  for (const [name, value] of headers) outgoing.appendHeader(name, value);
  if (body === null || body instanceof Uint8Array) {
    const length = status === 204 ? {} : { "content-length": body?.length ?? 0 };
    outgoing.writeHead(status, length).end(body ?? undefined);
    return;
  }
  // Head and first frame in one packet: who has seen the one has the other.
  outgoing.cork();
  setImmediate(() => outgoing.uncork());
  outgoing.writeHead(status);
  outgoing.flushHeaders();
  const reader = body.getReader();
  outgoing.on("close", () => reader.cancel().catch(() => {}));
  // Who is given up while a frame waits for the socket must not keep it.
  reader.closed.catch(() => outgoing.destroy());
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true }));
    if (done || outgoing.destroyed) break;
    if (!outgoing.write(value)) {
      await new Promise((resolve) => {
        const go = () => {
          outgoing.off("drain", go).off("close", go);
          resolve();
        };
        outgoing.once("drain", go).once("close", go);
      });
    }
  }
  outgoing.end();
}

// A `Request` with a web stream costs more than the whole rest of an answer.
function toRequest(incoming) {
  const { method, headers } = incoming;
  return {
    method,
    url: incoming.url.startsWith("/")
      ? `http://${headers.host ?? "localhost"}${incoming.url}`
      : incoming.url,
    headers: { get: (name) => headers[name] ?? null },
    remoteAddress: incoming.socket.remoteAddress,
    gaveUp: false,
    get body() {
      return method === "GET" || method === "HEAD" ? null : Readable.toWeb(incoming);
    },
    async read(limit) {
      if (method === "GET" || method === "HEAD" || method === "DELETE") return [NOTHING, WHOLE];
      const [bytes, state] = await collected(incoming, limit);
      this.gaveUp = state !== WHOLE;
      if (state !== WHOLE || headers["content-encoding"] !== "gzip") return [bytes, state];
      return unpacked(bytes, limit);
    },
  };
}

function collected(incoming, limit) {
  if (Number(incoming.headers["content-length"]) > limit) return [NOTHING, TOO_LARGE];
  return new Promise((resolve) => {
    const chunks = [];
    let length = 0;
    const end = (bytes, state) => {
      incoming.off("data", take).pause();
      resolve([bytes, state]);
    };
    const take = (chunk) => {
      length += chunk.length;
      if (length > limit) return end(NOTHING, TOO_LARGE);
      chunks.push(chunk);
    };
    incoming.on("data", take);
    incoming.once("end", () => {
      resolve([chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length), WHOLE]);
    });
    incoming.once("close", () => end(NOTHING, BROKEN));
  });
}

/** Stops at the limit: a gzip bomb is not unpacked. */
async function unpacked(bytes, limit) {
  const options = { maxOutputLength: limit };
  try {
    const small = bytes.length <= SMALL_GZIP;
    return [small ? gunzipSync(bytes, options) : await promisify(gunzip)(bytes, options), WHOLE];
  } catch (error) {
    return [NOTHING, error.code === "ERR_BUFFER_TOO_LARGE" ? TOO_LARGE : BROKEN];
  }
}
