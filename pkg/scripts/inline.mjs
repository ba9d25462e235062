// How the wasm module travels inside the JavaScript. `npm run size -- --forms` measures the forms.
//
// "printable" is what we ship: the 86 most frequent bytes are one printable ASCII character each,
// every other byte is two. It stays aligned to bytes, so brotli and gzip see the module's own
// patterns, and no minifier, bundler or server charset can change plain ASCII without quotes,
// backslashes, backticks, dollars or angle brackets.

const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter(
  (character) => !"\"'\\`$<".includes(character),
);
/** Marks, small letters, the rest: brotli's model for text tells these classes apart. */
const ALPHABET = [/[^a-zA-Z0-9]/, /[a-z]/, /[A-Z0-9]/].flatMap((kind) =>
  PRINTABLE.filter((character) => kind.test(character)),
);
/** These say "the next character means a rare byte", one each for a third of the rare bytes. */
const ESCAPES = 3;
/** So many bytes are one character each. */
const SINGLES = ALPHABET.length - ESCAPES;

/** Each form: name → the source of a module that exports `bytes(): Uint8Array`. */
export const forms = { printable, hex, base64, latin1 };

function printable(wasm) {
  const counts = new Array(256).fill(0);
  for (const byte of wasm) counts[byte] += 1;
  const bytes = counts.map((_, byte) => byte);
  const frequent = new Set(bytes.sort((a, b) => counts[b] - counts[a] || a - b).slice(0, SINGLES));

  // In the order of their values, so one bit for each byte says all of the table.
  const isRare = counts.map((_, byte) => !frequent.has(byte));
  const [singles, rares] = [[], []];
  isRare.forEach((rare, byte) => (rare ? rares : singles).push(byte));
  const code = new Array(256);
  singles.forEach((byte, rank) => (code[byte] = ALPHABET[ESCAPES + rank]));
  rares.forEach((byte, rank) => {
    code[byte] = ALPHABET[Math.floor(rank / SINGLES)] + ALPHABET[ESCAPES + (rank % SINGLES)];
  });
  const text = Array.from(wasm, (byte) => code[byte]).join("");
  const nibble = (at) =>
    isRare.slice(at, at + 4).reduce((bits, rare, bit) => bits | (rare << bit), 0);
  const table = Array.from({ length: 64 }, (_, index) => nibble(index * 4).toString(16)).join("");

  return `// ${wasm.length} bytes of WebAssembly as printable ASCII; see pkg/scripts/inline.mjs.
const order = ${JSON.stringify(ALPHABET.join(""))};
const rare = ${JSON.stringify(table)};
const text = ${JSON.stringify(text)};
export function bytes() {
  const rank = [];
  for (let i = 0; i < ${ALPHABET.length}; i++) rank[order.charCodeAt(i)] = i;
  const [singles, rares] = [[], []];
  for (let i = 0; i < 256; i++) ((parseInt(rare[i >> 2], 16) >> (i & 3)) & 1 ? rares : singles).push(i);
  const out = new Uint8Array(${wasm.length});
  for (let i = 0, o = 0; o < ${wasm.length}; ) {
    const r = rank[text.charCodeAt(i++)];
    out[o++] =
      r < ${ESCAPES} ? rares[r * ${SINGLES} + rank[text.charCodeAt(i++)] - ${ESCAPES}] : singles[r - ${ESCAPES}];
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
