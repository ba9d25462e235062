// A server that records, and answers as it is told to: one for each file of tests that names it.

import { createServer } from "node:http";
import { after, before, beforeEach } from "node:test";
import { gunzipSync } from "node:zlib";

/** Where it listens, and the requests of the current test. */
export let base, requests;
let answers;

/** The answers to come: [status, body, headers]. After them all is well; status 0 is no answer at all. */
export const answersWith = (list) => (answers = list);
export const forgetRequests = () => (requests = []);

let server;

before(async () => {
  server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks);
      const gzip = request.headers["content-encoding"] === "gzip";
      const text = (gzip ? gunzipSync(raw) : raw).toString();
      const { method, url, headers } = request;
      requests.push({ method, url, headers, gzip, body: text && JSON.parse(text), at: Date.now() });
      const [status, body = "", extra = {}] = answers.shift() ?? [200];
      if (status) response.writeHead(status, extra).end(body);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  requests = [];
  answers = [];
});
