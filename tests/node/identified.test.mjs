// What events get in front before they are stored, so that whatever sends them again sends the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { identified as rudderstack } from "../../src/protocol/rudderstack.js";
import { identified as stride } from "../../src/protocol/stride.js";

test("stride: an event gets an id, and tells how much of it goes again when it goes back", () => {
  for (const text of ["{}", '{"a":{"$id":1}}']) {
    const [whole, own] = stride(text, "i");
    assert.deepEqual(JSON.parse(whole), { $id: "i", ...JSON.parse(text) });
    assert.equal(whole[0] + whole.slice(1 + own), text);
  }
});

test("rudderstack: an event begins with its id and its time, which are the user's to keep", () => {
  const [whole, own] = rudderstack(',"type":"track"}', "i", Date.UTC(2026, 10, 20, 12));
  const text = '{"messageId":"i","originalTimestamp":"2026-11-20T12:00:00.000Z","type":"track"}';
  assert.deepEqual([whole, own], [text, 0]);
});
