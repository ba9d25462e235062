// A server that keeps what it was sent and answers by the path, so that many runs can share it
// and none has to prepare it: the first segment of a path names the run.

import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-allow-methods": "*",
};

/**
 * `answer(request)` gives { status, headers, body, delay } or undefined for an empty 200. A body that
 * is an array is sent in these pieces and stays open; with status 0 there is never an answer; `delay`
 * is in milliseconds.
 */
export async function startRecorder(answer) {
  const runs = new Map();
  const server = createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => {
      const request = recorded(incoming, Buffer.concat(chunks));
      if (request.method === "OPTIONS") return outgoing.writeHead(204, CORS).end();
      const requests = of(request.run);
      request.nth = requests.filter(({ path }) => path === request.path).length;
      requests.push(request);
      return send(outgoing, answer(request) ?? {});
    });
  });
  const of = (run) => {
    if (!runs.has(run)) runs.set(run, []);
    return runs.get(run);
  };
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    /** The base URL of a run. */
    base: (run) => `${origin}/${run}`,
    /** What came for a run so far, oldest first. */
    requests: of,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function recorded({ method, url, headers }, raw) {
  const [, run, path] = /^\/([^/?]*)(.*)$/.exec(url);
  const gzip = headers["content-encoding"] === "gzip";
  const text = (gzip ? gunzipSync(raw) : raw).toString();
  return { run, method, path, headers, gzip, body: parsed(text), at: Date.now() };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function send(outgoing, { status = 200, headers, body = "", delay }) {
  if (status === 0) return;
  if (delay) await new Promise((resolve) => setTimeout(resolve, delay));
  outgoing.writeHead(status, { ...CORS, ...headers });
  if (!Array.isArray(body)) return outgoing.end(body);
  for (const piece of body) outgoing.write(piece);
}
