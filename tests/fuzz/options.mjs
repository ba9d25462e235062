// Any options for any face: it is made, or the error says which argument is wrong.

import assert from "node:assert/strict";
import { Analytics, Collector, SluiceboxError, StreamClient, Streamer, Stride } from "sluicebox";
import { createServer, memory, redis, SluiceboxError as ServerError, sql } from "sluicebox/server";

const DELIVERY = [
  ...["flushInterval", "batchSize", "batchBytes", "queueSize", "queueBytes", "concurrency"],
  ...["timeout", "maxAge", "maxAttempts", "overflow", "compression", "storage", "onError"],
  ...["fetch", "waitUntil"],
];
const REST = ["timeout", "fetch"];

/** Each face: how it is made, the names of its arguments, and those of its options. */
export const FACES = {
  Analytics: [
    (...args) => new Analytics(...args),
    [],
    [
      ...["writeKey", "dataPlaneUrl", "before", "automaticContext", "session", "consent"],
      ...["respectGpc", "trackPages", ...DELIVERY],
    ],
  ],
  Collector: [(...args) => new Collector(...args), ["apiKey"], ["endpoint", ...DELIVERY]],
  Streamer: [
    (...args) => new Streamer(...args),
    [],
    [
      ...["accessKey", "endpoint", "bucketName", "bucketKey", "debugLevel", "offline"],
      ...["bufferSize", ...DELIVERY],
    ],
  ],
  Stride: [(...args) => new Stride(...args), ["apiKey"], ["endpoint", ...REST]],
  StreamClient: [(...args) => new StreamClient(...args), ["url"], ["apiKey", ...REST]],
  createServer: [
    createServer,
    [],
    [
      ...["store", "apiKeys", "cors", "maxBodyBytes", "dedupeWindow", "rateLimit"],
      ...["maxSubscriptions", "storeTimeout", "maxWaitingBytes", "log"],
    ],
  ],
  memory: [memory, [], ["keys", "maxBytes"]],
  sql: [sql, ["driver"], ["keys", "table"]],
  redis: [redis, ["driver"], ["keys", "prefix"]],
};

/** Whether it was made. */
export function options(face, args) {
  const [make, names, own] = FACES[face];
  try {
    make(...args);
    return true;
  } catch (error) {
    const said = `${face}: ${error?.stack ?? error}`;
    assert.ok(error instanceof SluiceboxError || error instanceof ServerError, said);
    assert.deepEqual([error.code, error.fault], ["invalid_argument", "caller"], said);
    const named = /"([^"]*)"/.exec(error.message)?.[1].split(".")[0];
    assert.ok([...names, "options", ...own].includes(named), `it names no argument: ${said}`);
    return false;
  }
}
