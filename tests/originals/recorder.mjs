// A server that keeps every request and answers as a test scripts it.

import { once } from "node:events";
import { createServer } from "node:http";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

const DECODERS = { gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync };

/**
 * Listens on a free port of loopback. `answer` says what a request is answered:
 *
 *   undefined                 200 and no body
 *   [answer, answer, …]       one after the other; the last one again and again
 *   (request) => answer       chosen by the request; undefined as above
 *
 * An answer is { status, headers, body, delay, frames, cut }. `body` is text or bytes, anything else
 * is sent as JSON. `delay` is in milliseconds. `frames` is a list of texts or [delay, text], each
 * written on its own, without an end when the last is null. `cut` closes the socket without a word.
 *
 * Pages of other origins may ask: a preflight is allowed, and kept in `preflights`.
 */
export async function recorder(answer) {
  const requests = [];
  const preflights = [];
  const began = performance.now();
  const script = Array.isArray(answer) ? [...answer] : undefined;
  const next = (request) => {
    if (!script) return answer?.(request);
    return script.length > 1 ? script.shift() : script[0];
  };

  const server = createServer(async (incoming, response) => {
    const at = performance.now() - began;
    const chunks = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      // Cut off by the client: nothing to answer, nothing whole to keep.
      return;
    }
    const request = record(incoming, Buffer.concat(chunks), at);
    const { origin } = incoming.headers;
    if (origin) allow(incoming, response, origin);
    if (origin && incoming.headers["access-control-request-method"]) {
      preflights.push(request);
      return response.writeHead(204).end();
    }
    requests.push(request);
    await reply(response, (await next(request)) ?? {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    preflights,
    /** Resolves when so many requests have come; rejects after `timeout` milliseconds. */
    async until(count, timeout = 60_000) {
      const end = performance.now() + timeout;
      while (requests.length < count) {
        if (performance.now() > end) {
          throw new Error(`${requests.length} of ${count} requests came within ${timeout} ms`);
        }
        await sleep(10);
      }
      return requests;
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What came, with the body unpacked; `at` is milliseconds since the recorder began. */
function record({ method, url, headers, rawHeaders }, raw, at) {
  const encoding = headers["content-encoding"];
  let text;
  try {
    text = (DECODERS[encoding]?.(raw) ?? raw).toString();
  } catch (error) {
    text = `cannot be unpacked: ${error.message}`;
  }
  return {
    method,
    path: url,
    headers,
    rawHeaders,
    raw,
    text,
    at,
    /** The body as JSON; undefined when it is none. */
    get json() {
      try {
        return JSON.parse(text);
      } catch {
        return undefined;
      }
    },
  };
}

function allow({ headers }, response, origin) {
  const wanted = headers["access-control-request-headers"];
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-allow-methods", "GET, POST, PUT, DELETE");
  if (wanted) response.setHeader("access-control-allow-headers", wanted);
  response.setHeader("access-control-max-age", "600");
}

async function reply(response, { status = 200, headers = {}, body = "", delay, frames, cut }) {
  if (delay) await sleep(delay);
  if (cut) return response.destroy();
  response.writeHead(status, headers);
  if (!frames) {
    const isRaw = typeof body === "string" || body instanceof Uint8Array;
    return response.end(isRaw ? body : JSON.stringify(body));
  }
  response.flushHeaders();
  for (const frame of frames) {
    const [wait, text] = Array.isArray(frame) ? frame : [0, frame];
    if (wait) await sleep(wait);
    if (text === null) return;
    response.write(text);
  }
  response.end();
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
