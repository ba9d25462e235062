// What every driver must have seen at the end of the steps.

import assert from "node:assert/strict";

/** `refusals` are the words of this database for a key that is taken and for a broken statement. */
export function assertSeen(seen, { big = 7, taken = /UNIQUE/i, broken = /syntax/i } = {}) {
  const { duplicate, broken: brokenError, ...rest } = seen;
  assert.match(duplicate, taken);
  assert.match(brokenError, broken);
  assert.deepEqual(rest, {
    nothing: [],
    rows: [
      [],
      [{ id: 2 }],
      [
        { id: 1, body: "a" },
        { id: 2, body: "b" },
      ],
      [{ n: big }],
      [],
    ],
    afterDuplicate: [1, 2],
    afterBroken: [1, 2],
    texts: ["the same", "", null],
    most: true,
    counted: Array.from({ length: 20 }, (_, index) => index + 1).join(),
    neighbours: [1, 2, [11, 13]],
  });
}
