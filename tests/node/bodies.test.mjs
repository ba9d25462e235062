// What our clients send, byte by byte, and how much it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { accepted, byteLength, CONTROL, series, textOf } from "../../src/core/held.js";
import { logged } from "../../src/protocol/initial_state.js";
import { batch, batchEnd } from "../../src/protocol/rudderstack.js";
import { collected } from "../../src/protocol/stride.js";

const NOON = Date.UTC(2026, 10, 20, 12);
const event = (stream, text, tail = "", flags = 0) => [flags, 1, NOON, 0, stream, text, tail];
/** A request with its body made. */
const made = ([path, lines, body, ...packFrom]) => [path, lines, body(), ...packFrom];

test("Stride: one stream is an array, as pystride sends it", () => {
  const sent = collected([event("s1", '{"a":1', "}"), event("s1", "{}")]);
  assert.deepEqual(made(sent), ["/collect/s1", "", '[{"a":1},{}]', 0]);
});

test("Stride: several streams are one object, as gostride sends it", () => {
  const sent = collected([event("s1", "1"), event("s2", "2"), event("s1", "3")]);
  assert.deepEqual(made(sent), ["/collect", "", '{"s1":[1,3],"s2":[2]}', 0]);
});

test("RudderStack: a batch has its sent time beside it", () => {
  const sent = batch([event("u", '{"a":1', "}"), event("u", "{}")], false, NOON, 0, 0, 0, 0);
  const end = ',"sentAt":"2026-11-20T12:00:00.000Z"}';
  assert.equal(batchEnd(NOON), end, "when it goes");
  assert.deepEqual(made(sent), ["/v1/batch", "", '{"batch":[{"a":1},{}]', 1024 - end.length]);
});

test("RudderStack: a page that goes away needs no header that the browser must ask for first", () => {
  const [path, lines, body, packFrom] = batch([event("u", "{}")], true, NOON, 2, 0, 0, 500);
  assert.equal(path, "/beacon/v1/batch?writeKey=", "the core appends the key");
  assert.equal(lines, "content-type: text/plain\n");
  assert.equal(body(), '{"batch":[{}]');
  assert.equal(packFrom, undefined, "content-encoding would be such a header");
});

test("RudderStack: a retry says which it is and why", () => {
  const lines = (trouble) =>
    batch([event("u", "{}")], false, NOON, 2, NOON - 2250.4, NOON - 1000, trouble)[1];
  assert.equal(
    lines(500),
    "Rsa-Retry-Attempt: 2\nRsa-Since-First-Attempt: 2250\n" +
      "Rsa-Since-Last-Attempt: 1000\nRsa-Retry-Reason: server-500\n",
  );
  assert.match(lines(0), /Rsa-Retry-Reason: client-network\n$/);
  assert.match(lines(1), /Rsa-Retry-Reason: client-timeout\n$/);
});

test("Initial State: the bucket goes alone, its events in an array", () => {
  const bucket = '{"bucketKey":"bk","bucketName":"B N"}';
  const lines = "X-IS-BucketKey: bk\n";
  const control = logged([event("bk", bucket, "", CONTROL)]);
  assert.deepEqual(made(control), ["/api/buckets", lines, bucket]);
  const reading = '{"key":"t","value":1,"epoch":5}';
  const sent = logged([event("bk", reading), event("bk", reading)]);
  assert.deepEqual(made(sent), ["/api/events", lines, `[${reading},${reading}]`]);
});

test("an event goes back as it was accepted: without the bytes that we put after its brace", () => {
  for (const [text, spliced, tail, given] of [
    ['{"a":1}', 0, "", '{"a":1}'],
    ['{"$id":"1","a":1}', 10, "", '{"a":1}'],
    ['{"$id":"1"}', 9, "", "{}"],
    ['{"$id":"1","a":1', 10, ',"b":2}', '{"a":1,"b":2}'],
  ]) {
    const event = [0, 1, NOON, spliced, "s", text, tail];
    assert.equal(accepted(event), given);
    assert.equal(textOf(event), text + tail);
  }
});

test("bytes are counted as UTF-8 has them", () => {
  for (const text of ["", "plain", "é", "kůň", "東京", "🦄", "a🦄é東\u07ff\u0800\uffff"]) {
    assert.equal(byteLength(text), new TextEncoder().encode(text).length, text);
  }
});

test("ids of a series are UUIDs of version 4, and differ", () => {
  const next = series(() => crypto.randomUUID());
  const ids = Array.from({ length: 10_000 }, next);
  assert.equal(new Set(ids).size, 10_000);
  for (const id of ids) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  assert.notEqual(ids[0].slice(0, 8), ids[256].slice(0, 8), "entropy comes anew");
});
