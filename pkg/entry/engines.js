// What --store names, opened with a client that the user has: none comes with the package.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as server from "./server.js";

/** Milliseconds that SQLite waits for another process that writes to the file. */
const BUSY = 5000;

/** Milliseconds until PostgreSQL gives a statement up, and until its connection is given up. */
const STATEMENT = 25_000;
const QUERY = 30_000;
const CONNECT = 10_000;

const DEFAULT = "sqlite:sluicebox.db";

const wrong = (sentence) =>
  new server.SluiceboxError("invalid_argument", "caller", `"store" ${sentence}`);

/**
 * Resolves to { store, name, close }. `failed` hears what a client says while nobody asks it.
 * What is wrong, or not installed, is a SluiceboxError (invalid_argument).
 */
export async function openStore(given, options, failed) {
  const text = given ?? DEFAULT;
  if (text === "memory") {
    return { store: server.memory(options), name: "memory", close: async () => {} };
  }
  const [, scheme, rest] = /^([a-z]+):(.+)$/s.exec(text) ?? [];
  if (scheme === "sqlite") return sqlite(rest, options, given === undefined);
  if (/^postgres(ql)?$/.test(scheme)) return postgres(text, options, failed);
  if (/^rediss?$/.test(scheme)) return redis(text, options, failed);
  throw wrong(
    `must be memory, sqlite:PATH, postgres://… or redis://…, not "${text.replace(/:.*/s, ":…")}"`,
  );
}

/** A package beside whoever calls, or beside this one; undefined where there is none. */
async function found(name) {
  for (const from of [pathToFileURL(join(process.cwd(), "here")), import.meta.url]) {
    let file;
    try {
      file = createRequire(from).resolve(name);
    } catch {
      continue;
    }
    return import(pathToFileURL(file));
  }
  return undefined;
}

async function sqlite(path, options, isDefault) {
  const builtIn = await import("node:sqlite").catch(() => undefined);
  const libsql = builtIn ? undefined : await found("@libsql/client");
  if (!builtIn && !libsql) {
    const needs = "Node.js 22.13 or newer, or a client: npm install @libsql/client";
    if (!isDefault) throw wrong(`sqlite:${path} needs ${needs}`);
    const name = `memory only, until it ends, because a file needs ${needs}`;
    return { store: server.memory(options), name, close: async () => {} };
  }
  try {
    return await (builtIn ? opened(builtIn, path, options) : openedLibsql(libsql, path, options));
  } catch (error) {
    throw wrong(`sqlite:${path} cannot be opened: ${error.message}`);
  }
}

/** FULL: what was acknowledged survives a power cut. */
const PRAGMAS = [
  `PRAGMA busy_timeout = ${BUSY}`,
  "PRAGMA journal_mode = WAL",
  "PRAGMA synchronous = FULL",
];

/** Milliseconds between two tries. */
const AGAIN = 20;

/** SQLite does not wait by itself while another process writes to a file whose journal is to change. */
async function prepare(run) {
  const end = performance.now() + BUSY;
  for (const pragma of PRAGMAS) {
    for (;;) {
      try {
        await run(pragma);
        break;
      } catch (error) {
        if (!error.message.includes("is locked") || performance.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }
  }
}

async function opened({ DatabaseSync }, path, options) {
  const database = new DatabaseSync(path);
  await prepare((pragma) => database.exec(pragma));
  const store = server.sql(server.nodeSqlite(database), options);
  return { store, name: `sqlite:${path}`, close: async () => database.close() };
}

async function openedLibsql({ createClient }, path, options) {
  // One connection: what it was told holds for all that is asked of it.
  const client = createClient({ url: pathToFileURL(path).href, concurrency: 1, timeout: BUSY });
  await prepare((pragma) => client.execute(pragma));
  const store = server.sql(server.libsql(client), options);
  return { store, name: `sqlite:${path}`, close: async () => client.close() };
}

async function postgres(url, options, failed) {
  const pg = await found("pg");
  if (!pg) throw wrong("postgres://… needs a client: npm install pg");
  const { Pool } = pg.default ?? pg;
  let pool;
  try {
    pool = new Pool({
      connectionString: url,
      application_name: "sluicebox",
      connectionTimeoutMillis: CONNECT,
      statement_timeout: STATEMENT,
      query_timeout: QUERY,
      keepAlive: true,
    });
  } catch {
    throw wrong("is no URL of PostgreSQL: it must be postgres://user:password@host:port/database");
  }
  pool.on("error", failed);
  const store = server.sql(server.postgres(pool), options);
  return { store, name: "postgres", close: () => pool.end() };
}

async function redis(url, options, failed) {
  if (!server.redis) throw wrong("redis://… is not known to this version");
  const nodeRedis = await found("redis");
  const ioredis = nodeRedis ? undefined : await found("ioredis");
  if (!nodeRedis && !ioredis) throw wrong("redis://… needs a client: npm install redis");
  const client = nodeRedis
    ? (nodeRedis.createClient ?? nodeRedis.default.createClient)({ url })
    : new (ioredis.Redis ?? ioredis.default)(url);
  client.on("error", failed);
  // It goes on trying by itself.
  if (nodeRedis) client.connect().catch(failed);
  const store = server.redis(server.nodeRedis(client), options);
  return {
    store,
    name: "redis",
    close: async () => (nodeRedis ? client.destroy?.() : client.disconnect()),
  };
}
