// The client's core as JavaScript, for where WebAssembly is refused.
import { exportsOf } from "../dist/wasm/fallback/asm.js";
import { instance } from "../dist/wasm/fallback/sluicebox.js";

export const start = (run) => instance(exportsOf, run);

// Imported by a page itself, it is found here.
globalThis[Symbol.for("sluicebox.fallback")] = { start };
