// Events out of the bytes of a streamed answer. Chunks may end anywhere: inside a character, between
// "\r" and "\n", inside a line. Both parsers are pushed: give one a chunk, and it gives
// [events, ids] of what the chunk completed. A malformed event is left out.
import { parse } from "../core/json.js";

/** Longest line or message kept while its end has not come: a server that never ends one fills no memory. */
const LENGTH_MAX = 16 * 1024 * 1024;

/** One JSON value a line, "\r\n" or "\n"; an empty line is a keep-alive. The ids stand in the events. */
export function lines() {
  const decoder = new TextDecoder();
  let partial = "";
  let skipping = false;
  return (bytes) => {
    const text = decoder.decode(bytes, { stream: true });
    const events = [];
    const end = text.lastIndexOf("\n");
    if (end < 0) {
      partial += text;
    } else {
      const whole = (partial + text.slice(0, end)).split("\n");
      if (skipping) whole.shift();
      skipping = false;
      partial = text.slice(end + 1);
      for (const line of whole) {
        const event = line && line !== "\r" ? parse(line) : undefined;
        if (event !== undefined) events.push(event);
      }
    }
    if (partial.length > LENGTH_MAX) {
      partial = "";
      skipping = true;
    }
    return [events];
  };
}

/**
 * Server-sent events as an EventSource reads them. Source: HTML standard, 9.2.6. Messages of another
 * type than "message" are left out, as `onmessage` does.
 */
export function messages() {
  const decoder = new TextDecoder();
  let partial = "";
  let isAfterReturn = false;
  let data;
  let type = "";
  let id = "";
  return (bytes) => {
    const [events, ids] = [[], []];
    let text = decoder.decode(bytes, { stream: true });
    // The line ended with the "\r" of the last chunk.
    if (isAfterReturn && text) {
      isAfterReturn = false;
      if (text[0] === "\n") text = text.slice(1);
    }
    if (!/[\r\n]/.test(text)) {
      // Cut, a message too long can no longer be JSON.
      if (partial.length < LENGTH_MAX) partial += text;
      return [events, ids];
    }
    isAfterReturn = text.endsWith("\r");
    // The plain split is the faster one.
    const whole = (partial + text).split(text.includes("\r") ? /\r\n?|\n/ : "\n");
    partial = whole.pop();
    for (const line of whole) {
      if (line) {
        const colon = line.indexOf(":");
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
        if (name === "data" && !(data?.length > LENGTH_MAX)) {
          data = data === undefined ? value : `${data}\n${value}`;
        }
        if (name === "event") type = value;
        if (name === "id" && !value.includes("\0")) id = value;
      } else {
        const event = data && (!type || type === "message") ? parse(data) : undefined;
        if (event !== undefined) {
          events.push(event);
          ids.push(id);
        }
        data = undefined;
        type = "";
      }
    }
    return [events, ids];
  };
}
