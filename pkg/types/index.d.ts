/**
 * sluicebox: events from where they happen to where they belong, without losing any.
 *
 * Importing does nothing by itself: no I/O, timers, randomness or global changes before the first
 * call. Every class can be used at once after `new`; there is no init to await. A bad argument
 * throws a SluiceboxError at once; the network never makes an event call throw.
 *
 * Times are milliseconds and sizes are bytes unless a name says otherwise.
 */

export { type Json, SluiceboxError } from "./common.js";
export * from "./delivery.js";
export * from "./subscription.js";
export * from "./stride.js";
export * from "./streamer.js";
export * from "./analytics.js";
export * from "./stream_client.js";
