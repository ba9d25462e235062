// The client for every runtime that may compile WebAssembly from bytes: usable at once, no init.
import { bytes } from "../dist/wasm/client/inline.js";
import { initSync, Subscription } from "../dist/wasm/client/sluicebox.js";

initSync({ module: bytes() });

Subscription.prototype[Symbol.asyncIterator] = function () {
  return this;
};

export {
  Analytics,
  Collector,
  setId,
  setTimestamp,
  StreamClient,
  Stride,
} from "../dist/wasm/client/sluicebox.js";
export { SluiceboxError } from "../../src/api/error.js";
