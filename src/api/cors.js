// Which pages of other origins may call.

import { invalid } from "./check.js";

/** What a page may see of an answer's headers. */
const EXPOSED =
  "Last-Event-ID, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";

/** What a browser sends as `Origin`: without a path, not even "/". */
const ORIGIN = /^(?:null|[\w+.-]+:\/\/[^/?#\s]+)$/;

const isOrigin = (origin) => typeof origin === "string" && ORIGIN.test(origin);

/** Methods of Stride's API; the other protocols have SIMPLE ones alone. */
const STRIDE = /^\/v1\/(?:collect|process|analyze)(?:\/|$)/;
const SIMPLE = ["GET", "POST", "HEAD"];

/** The option: whether an origin may call; undefined when none may. */
export function cors(origins = []) {
  if (origins === "*") return () => true;
  if (!Array.isArray(origins) || !origins.every(isOrigin)) {
    throw invalid('"cors" must be "*" or a list of origins such as "https://app.example"');
  }
  if (origins.length === 0) return undefined;
  const known = new Set(origins);
  return (origin) => known.has(origin);
}

/** What every answer gets where some origin may call: a cache must not give it to another one. */
export const VARY = ["vary", "Origin"];

/** What an answer to an origin that may call gets. */
export const corsHeaders = (origin) => [
  ["access-control-allow-origin", origin],
  ["access-control-allow-credentials", "true"],
  ["access-control-expose-headers", EXPOSED],
];

export function preflight(request, path, origin, allowed) {
  const method = request.headers.get("access-control-request-method");
  const asked = request.headers.get("access-control-request-headers");
  const headers = [
    ["vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"],
  ];
  if (allowed && (SIMPLE.includes(method) || (method && STRIDE.test(path)))) {
    headers.push(
      ["access-control-allow-origin", origin],
      ["access-control-allow-methods", method],
      ["access-control-allow-credentials", "true"],
      ["access-control-max-age", "900"],
    );
    if (asked) headers.push(["access-control-allow-headers", asked]);
  }
  return { status: 204, headers, body: null };
}
