// Which stream a request is for.

import { userOf } from "./keys.js";
import { textOf } from "./text.js";

/** Where AwesomeStream's insert puts events, and where its calls look unless they name a stream. */
const DEFAULT = "default";

/** { stream, isMany, drops }: no stream for what concerns them all. */
export async function streamOf(request) {
  const { pathname, searchParams } = new URL(request.url);
  const path = pathname.replace(/\/+$/, "");
  const [, first, second, third] = path.split("/");
  const isPost = request.method === "POST";
  if (request.method === "OPTIONS") return {};

  if (first === "v1" && ["collect", "process", "analyze"].includes(second)) {
    if (path === "/v1/collect" && isPost) return { isMany: true };
    return { stream: second === "collect" ? third : undefined, drops: request.method === "DELETE" };
  }
  if (["v1", "beacon", "pixel"].includes(first)) {
    return { stream: searchParams.get("writeKey") || userOf(request) };
  }
  if (["api", "data"].includes(first)) return { stream: await bucketOf(request, searchParams) };
  if (first === "subscribe") return { stream: searchParams.get("stream") || DEFAULT };
  return { stream: isPost ? await calledOf(request) : undefined };
}

/** Initial State's bucket: in a header, in the query, or in the call that makes it. */
async function bucketOf(request, searchParams) {
  const isMade = request.method === "POST" && new URL(request.url).pathname === "/api/buckets";
  const made = isMade ? (await jsonOf(request))?.bucketKey : undefined;
  const key = made ?? request.headers.get("x-is-bucketkey") ?? searchParams.get("bucketKey");
  return typeof key === "string" && key ? key : undefined;
}

/** `items` of AwesomeStream may name a stream, as `$stream`. */
async function calledOf(request) {
  const call = await jsonOf(request);
  const stream = call?.method === "items" ? call.kwargs?.$stream : undefined;
  return typeof stream === "string" && stream ? stream : DEFAULT;
}

/** The body is still there for the object, which also says what is wrong with it. */
async function jsonOf(request) {
  try {
    return JSON.parse(await textOf(request.clone()));
  } catch {
    return undefined;
  }
}
