// What the page may ask of the demo server: to be slow, to refuse writes for a while, or to stop.
// None of it is in the package: a server that does this on demand is for a demo alone.
import { setTimeout as sleep } from "node:timers/promises";

/** What is so now, as JSON. */
const NOW = "/demo/now";
/** Only a page of this server may ask, by `POST /demo/<fault>?seconds=n`. */
const ASKED = /^\/demo\/(well|slow|limited|stopped)$/;
/** A visitor who leaves must not leave a lame server behind. */
const SECONDS_MAX = 60;
/** Milliseconds that a slow server thinks before it answers. */
const SLOW = 1_500;
/** Seconds for which it asks when it refuses. */
const RETRY_AFTER = 4;

const text = (status, body, headers = {}) =>
  new Response(`${body}\n`, { status, headers: { "cache-control": "no-store", ...headers } });

const isWrite = ({ method, url }) =>
  method === "POST" && /^\/(v1|beacon|api)\//.test(new URL(url).pathname);

/** `stop(ms)` closes the port, and opens it again after so long. */
export function createFaults(stop) {
  let fault = "well";
  let until = 0;
  let timer;

  function now() {
    const seconds = Math.max(0, Math.ceil((until - performance.now()) / 1000));
    return Response.json({ fault, seconds }, { headers: { "cache-control": "no-store" } });
  }

  function ask(request, name) {
    if (request.headers.get("sec-fetch-site") !== "same-origin" || request.method !== "POST") {
      return text(403, "Only the demo page asks for this, by POST.");
    }
    const seconds = Number(new URL(request.url).searchParams.get("seconds") ?? 10);
    if (!(seconds >= 1 && seconds <= SECONDS_MAX)) {
      return text(400, `"seconds" must be from 1 to ${SECONDS_MAX}.`);
    }
    clearTimeout(timer);
    fault = name;
    until = performance.now() + seconds * 1000;
    timer = setTimeout(() => (fault = "well"), seconds * 1000);
    timer.unref();
    if (name === "stopped") stop(seconds * 1000);
    return text(200, name);
  }

  /** Answers for the server, or with what it answers. */
  async function answer(request, next) {
    const { pathname } = new URL(request.url);
    if (pathname === NOW && request.method === "GET") return now();
    const [, name] = ASKED.exec(pathname) ?? [];
    if (name) return ask(request, name);
    if (fault === "well" || !isWrite(request)) return next();
    if (fault === "limited") {
      return text(429, "The demo was asked to refuse.", { "retry-after": String(RETRY_AFTER) });
    }
    const response = await next();
    await sleep(fault === "slow" ? SLOW : 0);
    return response;
  }

  return { answer };
}
