import { Rest } from "../platform/rest.js";
import { callback, number } from "./check.js";

/** A server with the options of the REST clients; 30 s as `pystride`. */
export const rest = (endpoint, key, { timeout, fetch }) =>
  new Rest(endpoint, key, number(timeout, "timeout", 30_000), callback(fetch, "fetch"));
