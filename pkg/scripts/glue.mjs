// Takes out of the generated glue what no supported runtime needs, and makes strings cross fast.

/** Each must be found, so that a new generator which writes another glue cannot pass unnoticed. */
const CHANGES = [
  // Every runtime that has what the module needs (reference types) has these.
  [/\(typeof FinalizationRegistry === 'undefined'\)\s*\? \{[^\n]*\}\s*: new/g, "new"],
  [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}\n/, ""],
  [/if \(Symbol\.dispose\)[^\n]*\n/, ""],
  // Our entries pass the module in the one form there is.
  [
    /\n {4}if \(module !== undefined\) \{[^]*?\n {4}\}\n(?=\n {4}const imports)/,
    "    ({ module } = module);\n",
  ],
  // `free` is for the registry alone.
  [/ {4}__destroy_into_raw\(\) \{[^]*?\n {4}\}\n {4}free\(\) \{[^]*?\n {4}\}\n/, ""],
  // The generated loop over characters is slower from some dozen on.
  [
    /function passStringToWasm0\([^]*?\n\}\n/,
    passString.toString().replace("passString", "passStringToWasm0"),
  ],
];

export function slimGlue(glue) {
  for (const [pattern, replacement] of CHANGES) {
    if (glue.search(pattern) < 0) throw new Error(`the glue has nothing like ${pattern}`);
    glue = glue.replace(pattern, () => replacement);
  }
  return glue;
}

/* eslint-disable */
/* global getUint8ArrayMemory0, cachedTextEncoder, WASM_VECTOR_LEN */
function passString(text, malloc, realloc) {
  // UTF-8 takes at most three bytes for what UTF-16 takes one unit for.
  const room = text.length * 3;
  if (room === 0) {
    WASM_VECTOR_LEN = 0;
    return 1;
  }
  const at = malloc(room, 1) >>> 0;
  const { written } = cachedTextEncoder.encodeInto(
    text,
    getUint8ArrayMemory0().subarray(at, at + room),
  );
  WASM_VECTOR_LEN = written;
  return realloc(at, room, written, 1) >>> 0;
}
