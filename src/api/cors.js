// Which pages of other origins may call.

import { invalid } from "./check.js";

/** What a page may see of an answer's headers. */
const EXPOSED =
  "Last-Event-ID, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";

/** The option: whether an origin may call. */
export function cors(origins = []) {
  if (origins === "*") return () => true;
  if (!Array.isArray(origins) || !origins.every((origin) => typeof origin === "string")) {
    throw invalid('"cors" must be "*" or a list of origins');
  }
  const known = new Set(origins);
  return (origin) => known.has(origin);
}

/** What an answer to an origin that may call gets. */
export const corsHeaders = (origin) => [
  ["vary", "Origin"],
  ["access-control-allow-origin", origin],
  ["access-control-allow-credentials", "true"],
  ["access-control-expose-headers", EXPOSED],
];

export function preflight(request, origin, allowed) {
  const method = request.headers.get("access-control-request-method");
  const asked = request.headers.get("access-control-request-headers");
  const headers = [
    ["vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"],
  ];
  if (allowed && method) {
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
