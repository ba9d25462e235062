// How the wasm module travels inside the JavaScript. `npm run size -- --forms` measures the forms.
//
// "printable" is what we ship: the 90 most frequent bytes are one printable ASCII character each,
// every other byte is two. It stays aligned to bytes, so brotli and gzip see the module's own
// patterns, and no minifier, bundler or server charset can change plain ASCII without quotes,
// backslashes, backticks, dollars or angle brackets.

const ALPHABET = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter(
  (character) => !"\"'\\`$<".includes(character),
);
/** These say "the next character means a rare byte", one each for a third of the rare bytes. */
const ESCAPES = 3;

/** Each form: name → the source of a module that exports `bytes(): Uint8Array`. */
export const forms = { printable, hex, base64, latin1 };

function printable(wasm) {
  const counts = new Array(256).fill(0);
  for (const byte of wasm) counts[byte] += 1;
  const byFrequency = counts.map((_, byte) => byte).sort((a, b) => counts[b] - counts[a] || a - b);

  const singles = ALPHABET.length - ESCAPES;
  const order = ALPHABET.join("");
  const code = new Array(256);
  byFrequency.forEach((byte, rank) => {
    const rare = rank - singles;
    code[byte] =
      rare < 0
        ? ALPHABET[ESCAPES + rank]
        : ALPHABET[Math.floor(rare / singles)] + ALPHABET[ESCAPES + (rare % singles)];
  });
  const text = Array.from(wasm, (byte) => code[byte]).join("");
  const table = byFrequency.map((byte) => byte.toString(16).padStart(2, "0")).join("");

  return `// ${wasm.length} bytes of WebAssembly as printable ASCII; see pkg/scripts/inline.mjs.
const order = ${JSON.stringify(order)};
const table = ${JSON.stringify(table)};
const text = ${JSON.stringify(text)};
export function bytes() {
  const rank = new Uint8Array(128);
  for (let i = 0; i < ${ALPHABET.length}; i++) rank[order.charCodeAt(i)] = i;
  const byte = new Uint8Array(256);
  for (let i = 0; i < 256; i++) byte[i] = parseInt(table.substr(i * 2, 2), 16);
  const out = new Uint8Array(${wasm.length});
  for (let i = 0, o = 0; o < ${wasm.length}; ) {
    let shift = 0;
    let r = rank[text.charCodeAt(i++)];
    if (r < ${ESCAPES}) {
      shift = (r + 1) * ${singles};
      r = rank[text.charCodeAt(i++)];
    }
    out[o++] = byte[r - ${ESCAPES} + shift];
  }
  return out;
}
`;
}

function hex(wasm) {
  return `const text = ${JSON.stringify(Buffer.from(wasm).toString("hex"))};
export function bytes() {
  if (Uint8Array.fromHex) return Uint8Array.fromHex(text);
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(text.substr(i * 2, 2), 16);
  return out;
}
`;
}

function base64(wasm) {
  return `const text = ${JSON.stringify(Buffer.from(wasm).toString("base64"))};
export function bytes() {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
`;
}

/** Smallest in theory, but esbuild writes \\xNN for half of it and a wrong charset breaks it. */
function latin1(wasm) {
  return `const text = ${JSON.stringify(Buffer.from(wasm).toString("latin1"))};
export function bytes() {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
`;
}
