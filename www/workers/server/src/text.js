/** Bytes, unpacked. What an object takes by default (maxBodyBytes). */
const MOST = 4 * 1024 * 1024;

export class TooLarge extends Error {
  constructor() {
    super(`the body is larger than ${MOST} bytes`);
  }
}

/** A body as text, unpacked; a gzip bomb is stopped at the limit. */
export async function textOf({ body, headers }) {
  if (!body) return "";
  // Read to its end even when it is too large: a connection with half a request on it is of no use.
  const packed = [];
  const length = await read(body, (chunk, length) => length <= MOST && packed.push(chunk));
  if (length > MOST) throw new TooLarge();
  const whole = new Blob(packed).stream();
  const isPacked = headers.get("content-encoding") === "gzip";
  const stream = isPacked ? whole.pipeThrough(new DecompressionStream("gzip")) : whole;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  await read(stream, (chunk, length) => {
    if (length > MOST) throw new TooLarge();
    text += decoder.decode(chunk, { stream: true });
  });
  return text + decoder.decode();
}

/** Gives `keep` each chunk and the length up to its end; resolves to the length of all. */
async function read(stream, keep) {
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.byteLength;
    keep(chunk, length);
  }
  return length;
}
