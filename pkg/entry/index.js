// The client for every runtime: usable at once, no init.
import { module } from "../dist/wasm/client/inline.js";
import { instance } from "../dist/wasm/client/sluicebox.js";
import { begin } from "../../src/platform/instance.js";
import { load } from "./load.js";

let compiled;
let hasStarted = false;
// Compiled when there is something to do: the first call of a page does not wait for that.
begin((run) => {
  try {
    compiled ??= module();
    const own = instance((imports) => new WebAssembly.Instance(compiled, imports).exports, run);
    hasStarted = true;
    return own;
  } catch (error) {
    // What could start once is out of memory now.
    if (hasStarted) throw error;
    load().then(
      ({ start }) => begin(start),
      () => begin(null),
    );
    return undefined;
  }
});

export { Analytics } from "../../src/api/analytics.js";
export { Collector } from "../../src/api/collector.js";
export { Streamer } from "../../src/api/streamer.js";
export { SluiceboxError } from "../../src/core/error.js";
export { StreamClient } from "../../src/api/stream_client.js";
export { durableObjectStore } from "../../src/platform/durable_object_store.js";
export { setId, setTimestamp, Stride } from "../../src/api/stride.js";
