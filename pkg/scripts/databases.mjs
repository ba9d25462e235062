// PostgreSQL and Redis, which the tests of the stores start for themselves.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findOnPath, installPackages } from "./debian.mjs";
import { Sentence } from "./lib.mjs";

/** Debian keeps the server's programs away from PATH, a folder for each version. */
const DEBIAN = "/usr/lib/postgresql";

/** Installs what is missing; afterwards `databasePrograms` finds all of it. */
export async function ensureDatabases() {
  if (!find()) await installPackages("PostgreSQL and Redis", ["postgresql", "redis-server"]);
  databasePrograms();
}

/** { initdb, postgres, redis } as paths. */
export function databasePrograms() {
  const found = find();
  if (found) return found;
  throw new Sentence(
    "The tests of the stores need PostgreSQL and Redis: install both, name the folder of initdb and postgres in the environment as POSTGRES_BIN and redis-server as REDIS_SERVER, or run `npm test -- --skip stores`.",
  );
}

function find() {
  const redis = process.env.REDIS_SERVER ?? findOnPath("redis-server");
  const postgres = (name) => {
    const folder = process.env.POSTGRES_BIN;
    return folder ? join(folder, name) : (findOnPath(name) ?? newest(name));
  };
  const found = { initdb: postgres("initdb"), postgres: postgres("postgres"), redis };
  return Object.values(found).every((path) => path && existsSync(path)) ? found : undefined;
}

function newest(name) {
  if (!existsSync(DEBIAN)) return undefined;
  return readdirSync(DEBIAN)
    .sort((a, b) => b - a)
    .map((version) => join(DEBIAN, version, "bin", name))
    .find(existsSync);
}
