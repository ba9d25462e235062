// The stream server for every runtime with fetch's Request and Response.
import { bytes } from "../dist/wasm/server/inline.js";
import { initSync } from "../dist/wasm/server/sluicebox.js";

initSync({ module: bytes() });

export { SluiceboxError } from "../../src/core/error.js";
export { createServer } from "../../src/api/server.js";
export { memory, redis, sql } from "../../src/api/stores.js";
export { d1 } from "../../src/platform/drivers/d1.js";
export { durableObject } from "../../src/platform/drivers/durable_object.js";
export { libsql } from "../../src/platform/drivers/libsql.js";
export { nodeRedis } from "../../src/platform/drivers/node_redis.js";
export { nodeSqlite } from "../../src/platform/drivers/node_sqlite.js";
export { postgres } from "../../src/platform/drivers/postgres.js";
export { upstash } from "../../src/platform/drivers/upstash.js";
