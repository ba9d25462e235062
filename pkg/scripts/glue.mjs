// Takes out of the generated glue what no supported runtime needs, and makes texts cross fast.

/** Each must be found, so that a new generator which writes another glue cannot pass unnoticed. */
const CHANGES = [
  // Every runtime that has what the module needs (reference types) has these.
  [/\(typeof FinalizationRegistry === 'undefined'\)\s*\? \{[^\n]*\}\s*: new/g, "new"],
  [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}\n/, ""],
  [/if \(Symbol\.dispose\)[^\n]*\n/, ""],
  // `free` is for the registry alone.
  [/ {4}__destroy_into_raw\(\) \{[^]*?\n {4}\}\n {4}free\(\) \{[^]*?\n {4}\}\n/, ""],
  // Ours take the place of what is larger or slower.
  ...[passStringToWasm0, decodeText, makeMutClosure, initSync].map((own) => [
    new RegExp(`function ${own.name}\\([^]*?\\n\\}\\n`),
    `${own}\n`,
  ]),
  [/let cachedTextDecoder = new TextDecoder[^]*?\n(?=function decodeText)/, ""],
  [/let wasmModule, wasmInstance, wasm;\nfunction __wbg_finalize_init[^]*?\n\}\n/, "let wasm;\n"],
];

export function slimGlue(glue) {
  for (const [pattern, replacement] of CHANGES) {
    if (glue.search(pattern) < 0) throw new Error(`the glue has nothing like ${pattern}`);
    glue = glue.replace(pattern, () => replacement);
  }
  return glue;
}

/* eslint-disable */
/* global getUint8ArrayMemory0, cachedTextEncoder, CLOSURE_DTORS, WASM_VECTOR_LEN, __wbg_get_imports */

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

/** No function of ours is called while it runs, and none is dropped but by the collector. */
function makeMutClosure(a, b, call) {
  const real = (...args) => call(a, b, ...args);
  CLOSURE_DTORS.register(real, { a, b });
  return real;
}

/** Our entries pass the module in the one form there is, once. */
function initSync({ module }) {
  if (!(module instanceof WebAssembly.Module)) {
    module = new WebAssembly.Module(module);
  }
  wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
  wasm.__wbindgen_start();
}
