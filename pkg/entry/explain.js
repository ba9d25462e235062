// What explains events in the console, loaded by a client with `debug`.
export { explain } from "../../src/platform/explain.js";
