// Takes out of the generated glue what no supported runtime needs, makes texts cross fast, and makes of it
// a function, so that the core can be started again after a trap.

/** Each must be found, so that a new generator which writes another glue cannot pass unnoticed. */
const CHANGES = [
  // Every runtime that has what the module needs (reference types) has these.
  [/\(typeof FinalizationRegistry === 'undefined'\)\s*\? \{[^\n]*\}\s*: new/g, "new"],
  [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}\n/, ""],
  [/if \(Symbol\.dispose\)[^\n]*\n/, ""],
  // `free` is for the registry alone.
  [/ {4}__destroy_into_raw\(\) \{[^]*?\n {4}\}\n {4}free\(\) \{[^]*?\n {4}\}\n/, ""],
  // Ours take the place of what is larger or slower.
  ...[passStringToWasm0, decodeText].map((own) => [
    new RegExp(`function ${own.name}\\([^]*?\\n\\}\\n`),
    () => `${own}\n`,
  ]),
  [/let cachedTextDecoder = new TextDecoder[^]*?\n(?=function decodeText)/, ""],
  // Memory, table and registries of an instance that trapped are never seen again.
  [/^export class Delivery/m, "export function instance(start, run) {\nclass Delivery"],
  [/ptr => (wasm\.\w+\(ptr, 1\))/, "ptr => run(Delivery, () => $1)"],
  // Our entries start the module themselves.
  [
    /let wasmModule, wasmInstance, wasm;\n[^]*$/,
    "const wasm = start(__wbg_get_imports());\nwasm.__wbindgen_start?.();\nreturn Delivery;\n}\n",
  ],
];

/** JavaScript that stands for a module has a new buffer when it grows, and the old one stays as it is. */
const GROWING = [
  /(cached\w+Memory0) === null \|\| \1\.byteLength === 0/g,
  "$1?.buffer !== wasm.memory.buffer",
];

/** `isModule` is false where JavaScript stands for the module. */
export function slimGlue(glue, isModule = true) {
  for (const [pattern, replacement] of isModule ? CHANGES : [...CHANGES, GROWING]) {
    if (glue.search(pattern) < 0) throw new Error(`the glue has nothing like ${pattern}`);
    glue = glue.replace(pattern, replacement);
  }
  return glue;
}

/* eslint-disable */
/* global getUint8ArrayMemory0, cachedTextEncoder, WASM_VECTOR_LEN */

/** The generated loop over characters is slower from some dozen on. */
function passStringToWasm0(text, malloc, realloc) {
  let room = text.length;
  let at = malloc(room, 1) >>> 0;
  const encode = () =>
    cachedTextEncoder.encodeInto(text, getUint8ArrayMemory0().subarray(at, at + room));
  let { read, written } = encode();
  if (read < room) {
    // UTF-8 takes at most three bytes for what UTF-16 takes one unit for.
    at = realloc(at, room, (room *= 3), 1) >>> 0;
    ({ written } = encode());
    at = realloc(at, room, written, 1) >>> 0;
  }
  WASM_VECTOR_LEN = written;
  return at;
}

/** A decoder for each text: Safari's break down after 2 GiB. */
function decodeText(at, length) {
  const bytes = getUint8ArrayMemory0().subarray(at, at + length);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
