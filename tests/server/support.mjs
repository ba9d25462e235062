// A served stream server for one test, and the few calls that the tests share.
import { createServer, memory } from "sluicebox/server";
import { serve } from "sluicebox/node";

export const basic = (key) => ({ authorization: `Basic ${btoa(`${key}:`)}` });

/** Listens on a free port until the test ends. */
export async function served(t, { keys = [], ...options } = {}) {
  const server = createServer({ store: memory({ keys }), ...options });
  const listening = await serve(server, { port: 0 });
  t.after(() => listening.close());
  return { ...listening, server };
}

export async function post(url, body, headers = {}) {
  const isText = typeof body === "string" || body instanceof Uint8Array;
  const response = await fetch(url, {
    method: "POST",
    body: isText ? body : JSON.stringify(body),
    headers,
  });
  return [response.status, await response.text()];
}

export async function rpc(url, method, args = [], kwargs = {}, headers = {}) {
  const [, body] = await post(url, { id: 1, method, args, kwargs }, headers);
  return JSON.parse(body);
}

/** The frames of a live body, one string a frame. */
export async function* frames(response, separator = "\r\n") {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body) {
    rest += decoder.decode(chunk, { stream: true });
    const parts = rest.split(separator);
    rest = parts.pop();
    yield* parts.filter(Boolean);
  }
}

export async function take(count, iterator) {
  const taken = [];
  while (taken.length < count) {
    const { value, done } = await iterator.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}
