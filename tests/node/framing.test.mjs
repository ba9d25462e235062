// What a streamed answer means, wherever its chunks end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lines, messages } from "../../src/protocol/framing.js";

const bytes = (text) => new TextEncoder().encode(text);

/** Everything that the parser makes of these chunks: [events, ids]. */
function fed(parser, chunks) {
  const all = [[], []];
  for (const chunk of chunks) {
    const [events, ids = []] = parser(chunk);
    all[0].push(...events);
    all[1].push(...ids);
  }
  return all;
}

/** The same text whole, cut in two at each byte, and one byte at a time. */
function* cuts(text) {
  const whole = bytes(text);
  yield [whole];
  for (let at = 0; at <= whole.length; at++) yield [whole.subarray(0, at), whole.subarray(at)];
  yield Array.from(whole, (_, at) => whole.subarray(at, at + 1));
}

function means(parser, text, expected) {
  for (const chunks of cuts(text)) {
    const lengths = chunks.length > 2 ? "single bytes" : chunks.map(({ length }) => length);
    assert.deepEqual(fed(parser(), chunks), expected, `${JSON.stringify(text)} as ${lengths}`);
  }
}

test("lines: one JSON value each, whatever ends them", () => {
  means(lines, '{"$id":1}\r\n{"$id":"ä€😀"}\r\n7\n', [[{ $id: 1 }, { $id: "ä€😀" }, 7], []]);
});

test("lines: keep-alives, blanks and what is malformed are left out", () => {
  means(lines, '\r\n\n{"a":1}\r\n  \r\n{bad\r\n{"a":\r\n1}\r\n{"a":2}\r\n', [
    [{ a: 1 }, { a: 2 }],
    [],
  ]);
});

test("lines: two values on one line are malformed, as one and as two", () => {
  means(lines, '{"a":1}{"a":2}\n{"a":3},{"a":4}\n[1\n2]\n{"a":5}\n', [[{ a: 5 }], []]);
});

test("lines: what has no end yet is no event, and null is one", () => {
  means(lines, 'null\r\n{"a":1}', [[null], []]);
});

test("lines: one that never ends fills no memory and hides only itself", () => {
  const parser = lines();
  const chunk = bytes("x".repeat(1024 * 1024));
  for (let i = 0; i < 40; i++) assert.deepEqual(parser(chunk), [[]]);
  assert.deepEqual(parser(bytes('"\r\n{"a":1}\r\n')), [[{ a: 1 }]]);
});

test("messages: id and data, whatever ends the lines", () => {
  for (const end of ["\n", "\r", "\r\n"]) {
    const text = ["id: 5", 'data: {"a":"ä€😀"}', "", "data:2", "", "id:6", "data: 3", "", ""];
    means(messages, text.join(end), [
      [{ a: "ä€😀" }, 2, 3],
      ["5", "5", "6"],
    ]);
  }
});

test("messages: ends may be mixed, and the end of a text is not the end of a message", () => {
  means(messages, "data: 1\r\r\ndata: 2\n\r\ndata: 3\r\n\rdata: 4\n", [
    [1, 2, 3],
    ["", "", ""],
  ]);
});

test("messages: several lines of data are one text", () => {
  means(messages, 'data: {"a":\ndata:1,\ndata: "b": 2}\n\n', [[{ a: 1, b: 2 }], [""]]);
});

test("messages: a byte order mark is no part of the first name", () => {
  means(messages, "\ufeffdata: 1\n\ndata: 2\n\n", [
    [1, 2],
    ["", ""],
  ]);
});

test("messages: comments, unknown fields and lines without a colon are left out", () => {
  means(messages, ": hello\n:\nretry: 10\nfoo: bar\nfoo\ndata: 1\n\n", [[1], [""]]);
});

test("messages: one space after the colon is not part of the value", () => {
  means(messages, "id:  x\ndata:1\n\n", [[1], [" x"]]);
});

test("messages: an id with a null in it is no id, and an empty one takes the id away", () => {
  means(messages, "id: a\ndata: 1\n\nid: b\0\ndata: 2\n\nid\ndata: 3\n\n", [
    [1, 2, 3],
    ["a", "a", ""],
  ]);
});

test("messages: those of another type, without data, or malformed are left out", () => {
  const text =
    "event: ping\ndata: 1\n\nid: 1\n\ndata\n\ndata: {bad\n\nevent: message\ndata: 2\n\ndata: 3\n\n";
  means(messages, text, [
    [2, 3],
    ["1", "1"],
  ]);
});

test("messages: one that never ends fills no memory and hides only itself", () => {
  const parser = messages();
  const chunk = bytes("x".repeat(1024 * 1024));
  parser(bytes("data: "));
  for (let i = 0; i < 40; i++) parser(chunk);
  assert.deepEqual(parser(bytes("\n\ndata: 1\n\n")), [[1], [""]]);
  const line = bytes(`data: ${"x".repeat(1024 * 1024)}\n`);
  for (let i = 0; i < 40; i++) parser(line);
  assert.deepEqual(parser(bytes("\ndata: 2\n\n")), [[2], [""]]);
});
