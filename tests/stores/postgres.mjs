// PostgreSQL for a test.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../pkg/scripts/lib.mjs";
import { databasePrograms } from "../../pkg/scripts/databases.mjs";
import { startService, temporaryFolder } from "./service.mjs";

/** What a power cut leaves behind is mostly not the question. */
const FAST = { fsync: "off", full_page_writes: "off", synchronous_commit: "off" };

/**
 * A new, empty database. Resolves to { url, stop, crash }; it is gone after `stop`. One that is
 * `durable` has everything after `crash()`, which kills it and resolves when it is back.
 */
export async function startPostgres({ durable = false } = {}) {
  const { initdb, postgres } = databasePrograms();
  const owner = process.getuid() === 0 ? unprivileged() : undefined;
  const folder = temporaryFolder("postgres", owner);
  const data = join(folder, "data");
  const init = [
    "-D",
    data,
    "-U",
    "sluicebox",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--locale=C",
    "--no-sync",
  ];
  await run(initdb, init, { cwd: folder, ...owner });
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    ...(durable ? {} : FAST),
  };
  const { port, stop, crash } = await startService(postgres, {
    args: (free) => [
      "-D",
      data,
      "-p",
      String(free),
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    ready: /ready to accept connections/,
    folder,
    owner,
    // At once, without waiting for whoever is connected.
    signal: "SIGQUIT",
  });
  return { url: `postgres://sluicebox@127.0.0.1:${port}/postgres`, stop, crash };
}

/** PostgreSQL refuses to run as root. */
function unprivileged() {
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  const line = ["postgres", "nobody"]
    .map((name) => users.find((user) => user.startsWith(`${name}:`)))
    .find(Boolean);
  if (!line) throw new Error("there is neither a user postgres nor nobody to run PostgreSQL as");
  const [, , uid, gid] = line.split(":").map(Number);
  return { uid, gid };
}
