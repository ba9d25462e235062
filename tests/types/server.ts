// Everything here must compile, and each line after `@ts-expect-error` must not.

import {
  createServer,
  d1,
  durableObject,
  libsql,
  nodeRedis,
  nodeSqlite,
  postgres,
  redis,
  type RedisDriver,
  SluiceboxError,
  type SqlDriver,
  upstash,
} from "sluicebox/server";
import { type FileStore, fileStore } from "sluicebox/node";

const drivers: SqlDriver[] = [d1({}), durableObject({}), libsql({}), nodeSqlite({}), postgres({})];
const own: SqlDriver = {
  dialect: "sqlite",
  transaction: async (statements) => statements.map(({ sql, params }) => [{ sql, params }]),
};
const rows: Promise<Array<Array<{ [column: string]: unknown }>>> = own.transaction([
  { sql: "SELECT ?", params: [1] },
]);
void [drivers, rows, SluiceboxError];

// @ts-expect-error a driver has a client
d1();
// @ts-expect-error an unknown dialect
const mysql: SqlDriver = { ...own, dialect: "mysql" };
// @ts-expect-error a statement has parameters, if none an empty list
void own.transaction([{ sql: "SELECT 1" }]);
void mysql;

void createServer({ rateLimit: { calls: 10, seconds: 10 } });
void createServer({
  maxSubscriptions: 10,
  storeTimeout: 1000,
  maxWaitingBytes: 1e6,
  log: (line) => console.error(line.level === "error" ? line.message : line.path),
});
// @ts-expect-error an error has no path
void createServer({ log: (line) => line.path });
// @ts-expect-error calls of what time
void createServer({ rateLimit: { calls: 10 } });

const overTcp: RedisDriver = nodeRedis({});
void createServer({ store: redis(overTcp, { keys: ["user"], prefix: "app:events" }) });
void redis(upstash({ url: "https://db.example", token: "t" }), { keys: [] });
const replies: Promise<unknown[]> = overTcp.transaction([["SET", "n", 1]]);
void replies;
// @ts-expect-error a store has keys, if none an empty list
void redis(overTcp, {});
// @ts-expect-error a database over REST has a token
void upstash({ url: "https://db.example" });
// @ts-expect-error a driver for SQL
void redis(postgres({}), { keys: [] });

const file: FileStore = fileStore("/var/lib/app/events", { sync: true, maxBytes: 1e6 });
const closed: Promise<void> = file.close();
void closed;
// @ts-expect-error a file has a path
void fileStore();
