// Frames of a streamed answer: one JSON value a line, "\r\n" or "\n"; an empty line is a
// keep-alive. Chunks may end anywhere, inside a character or between "\r" and "\n" too.
import { parse } from "../core/json.js";

/** Longest line kept while its end has not come: a server that never ends one fills no memory. */
const LINE_MAX = 16 * 1024 * 1024;

/** A push parser: give it bytes, it gives the values they completed. A malformed line is left out. */
export function frames() {
  const decoder = new TextDecoder();
  let partial = "";
  let skipping = false;
  return (bytes) => {
    const text = decoder.decode(bytes, { stream: true });
    const end = text.lastIndexOf("\n");
    if (end < 0) {
      partial += text;
    } else {
      const lines = (partial + text.slice(0, end)).split("\n");
      if (skipping) lines.shift();
      skipping = false;
      partial = text.slice(end + 1);
      return values(lines.map((line) => line.trim()).filter(Boolean));
    }
    if (partial.length > LINE_MAX) {
      partial = "";
      skipping = true;
    }
    return [];
  };
}

/** One parse for all lines of a chunk is faster than one for each. */
function values(lines) {
  const all = parse(`[${lines.join(",")}]`);
  return all?.length === lines.length
    ? all
    : lines.map(parse).filter((value) => value !== undefined);
}
