// Events as the texts that they are: what reads a number of more digits than JavaScript keeps loses some.

/** What stands before such a number where it is a string meanwhile; of no meaning to anybody else. */
const MARK = "\ue000";
/** A string, so that what is in it is no number; or a number. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** The value of a JSON text; a number that JavaScript writes otherwise is a string that `plain` undoes. */
export function parseKeeping(text) {
  const isKept = (token) => token[0] === '"' || String(Number(token)) === token;
  return JSON.parse(text.replace(TOKEN, (token) => (isKept(token) ? token : `"${MARK}${token}"`)));
}

/** A text made from such a value, with the numbers as they were written. */
export const plain = (text) => text.replace(/"?\ue000(-?\d[\d.eE+-]*)"?/g, "$1");

/** Characters of a line that is followed at most, as for any subscription. */
const LENGTH_MAX = 16 * 1024 * 1024;

/**
 * The answer of a stream with each line as `{ $id, line }`, `line` being the text that came. What is no JSON, or
 * too long, is left out.
 */
export function withTexts(response) {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = "";
  let isLong = false;
  const texts = new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop();
      if (isLong && lines.length) {
        lines[0] = "";
        isLong = false;
      }
      if (rest.length > LENGTH_MAX) isLong = true;
      if (isLong) rest = "";
      // A line without an event says that the server is there.
      const text = lines.length ? `${lines.map(wrapped).join("\n")}\n` : "";
      if (text) controller.enqueue(encoder.encode(text));
    },
  });
  const { status, headers } = response;
  return new Response(response.body.pipeThrough(texts), { status, headers });
}

function wrapped(text) {
  const line = text.trim();
  try {
    let id = JSON.parse(line)?.$id;
    if (typeof id === "number") id = plain(String(parseKeeping(line).$id));
    return JSON.stringify({ $id: id, line });
  } catch {
    return "";
  }
}
