// The stream server for every runtime with fetch's Request and Response.
import { bytes } from "../dist/wasm/server/inline.js";
import { initSync } from "../dist/wasm/server/sluicebox.js";

initSync({ module: bytes() });

export { SluiceboxError } from "../../src/core/error.js";
export { createServer, memory } from "../../src/api/server.js";
