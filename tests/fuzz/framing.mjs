// Streamed answers of any bytes, in any chunks: the same as a reading of the whole by the letter of
// the standard.

import assert from "node:assert/strict";
import { lines, messages } from "../../src/protocol/framing.js";

const decoded = (bytes) => new TextDecoder().decode(bytes, { stream: true });

function parsed(text, take) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return;
  }
  take(value);
}

function linesOf(bytes) {
  const events = [];
  for (const line of decoded(bytes).split("\n").slice(0, -1)) {
    parsed(line, (event) => events.push(event));
  }
  return [events, []];
}

/** HTML standard, 9.2.6. */
function messagesOf(bytes) {
  const [events, ids] = [[], []];
  let [data, type, id] = ["", "", ""];
  const whole = decoded(bytes).split(/\r\n|\n|\r/);
  for (const line of whole.slice(0, -1)) {
    if (line === "") {
      if (data && (type === "" || type === "message")) {
        parsed(data.slice(0, -1), (event) => {
          events.push(event);
          ids.push(id);
        });
      }
      [data, type] = ["", ""];
      continue;
    }
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/su.exec(line);
    if (field === "data") data += `${value ?? ""}\n`;
    if (field === "event") type = value ?? "";
    if (field === "id" && !(value ?? "").includes("\0")) id = value ?? "";
  }
  return [events, ids];
}

/** What the parser gives for the bytes cut in front of each of these places. */
function fed(parser, bytes, cuts) {
  const all = [[], []];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    const [events, ids = []] = parser(bytes.subarray(from, to));
    all[0].push(...events);
    all[1].push(...ids);
    from = to;
  }
  return all;
}

export function framing(bytes, cuts) {
  for (const [parser, reading] of [
    [lines, linesOf],
    [messages, messagesOf],
  ]) {
    const expected = JSON.stringify(reading(bytes));
    const found = JSON.stringify(fed(parser(), bytes, cuts));
    assert.equal(found, expected, `${parser.name} of ${JSON.stringify(decoded(bytes))} at ${cuts}`);
  }
}
