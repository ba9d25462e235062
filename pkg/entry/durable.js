// What stores events, loaded by a client that may.
export { Keeper } from "../../src/platform/durable.js";
