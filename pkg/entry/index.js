// The client for every runtime that may compile WebAssembly from bytes: usable at once, no init.
import { bytes } from "../dist/wasm/client/inline.js";
import { initSync } from "../dist/wasm/client/sluicebox.js";

initSync({ module: bytes() });

export { Analytics } from "../../src/api/analytics.js";
export { Collector } from "../../src/api/collector.js";
export { Streamer } from "../../src/api/streamer.js";
export { SluiceboxError } from "../../src/core/error.js";
export { StreamClient } from "../../src/api/stream_client.js";
export { durableObjectStore } from "../../src/platform/durable_object_store.js";
export { setId, setTimestamp, Stride } from "../../src/api/stride.js";
