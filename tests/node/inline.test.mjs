// Every form of carrying a module gives back the same bytes.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { forms } from "../../pkg/scripts/inline.mjs";

/** Bytes that look random and are the same in every run. */
const noise = (length) =>
  Buffer.concat(
    Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
      createHash("sha256").update(String(block)).digest(),
    ),
  ).subarray(0, length);

const samples = {
  nothing: Buffer.alloc(0),
  "one byte": Buffer.from([255]),
  "every byte": Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  "mostly zero": Buffer.concat([Buffer.alloc(5000), noise(1000)]),
  noise: noise(10_000),
};

for (const [name, form] of Object.entries(forms)) {
  for (const [what, sample] of Object.entries(samples)) {
    test(`${name} carries ${what}`, async () => {
      const source = Buffer.from(form(sample)).toString("base64");
      const { bytes } = await import(`data:text/javascript;base64,${source}`);
      assert.deepEqual(Buffer.from(bytes()), sample);
    });
  }
}

test("printable uses only characters that no minifier or page has to escape", () => {
  const source = forms.printable(noise(10_000));
  const text = /const text = "(.*)";/.exec(source)[1];
  assert.match(text, /^[ !#%&()*+,\-./0-9:;=>?@A-Z[\]^_a-z{|}~]*$/);
});
