// Request bodies: read whole, unpacked, and never more than a limit.

export const WHOLE = 0;
export const TOO_LARGE = 1;
export const BROKEN = 2;

const NOTHING = new Uint8Array(0);

/** Resolves to [bytes, state]. A gzip bomb is stopped at the limit, not unpacked. */
export async function readBody(request, limit) {
  if (!request.body || request.method === "GET" || request.method === "DELETE") {
    return [NOTHING, WHOLE];
  }
  try {
    // Exactly this spelling, as RudderStack's gateway; anything else is read as it is.
    const packed = request.headers.get("content-encoding") === "gzip";
    const stream = packed ? unpacked(request.body, limit) : request.body;
    const reader = stream.getReader();
    const chunks = [];
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return [joined(chunks, length), WHOLE];
      length += value.byteLength;
      if (length > limit) {
        reader.cancel().catch(() => {});
        return [NOTHING, TOO_LARGE];
      }
      chunks.push(value);
    }
  } catch (error) {
    return [NOTHING, error instanceof RangeError ? TOO_LARGE : BROKEN];
  }
}

/** Blocks that unpack to nothing would be read for ever, so what is packed has the same limit. */
function unpacked(body, limit) {
  let length = 0;
  const transform = (chunk, controller) => {
    length += chunk.byteLength;
    if (length > limit) throw new RangeError("too large");
    controller.enqueue(chunk);
  };
  return body
    .pipeThrough(new TransformStream({ transform }))
    .pipeThrough(new DecompressionStream("gzip"));
}

function joined(chunks, length) {
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
