/** Bytes, unpacked. What an object takes by default (maxBodyBytes). */
const MOST = 4 * 1024 * 1024;

export class TooLarge extends Error {}

/** A body as text, unpacked; a gzip bomb is stopped at the limit. */
export async function textOf({ body, headers }) {
  if (!body) return "";
  const isPacked = headers.get("content-encoding") === "gzip";
  const stream = isPacked ? body.pipeThrough(new DecompressionStream("gzip")) : body;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.byteLength;
    if (length > MOST) throw new TooLarge(`the body is larger than ${MOST} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
