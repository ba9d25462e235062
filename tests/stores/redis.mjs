// Redis for a test.

import { databasePrograms } from "../../pkg/scripts/databases.mjs";
import { startService, temporaryFolder } from "./service.mjs";

/** A new, empty Redis that keeps nothing on disk. Resolves to { url, stop }. */
export async function startRedis() {
  const folder = temporaryFolder("redis");
  const { port, stop } = await startService(databasePrograms().redis, {
    args: (free) => [
      ...["--port", String(free), "--bind", "127.0.0.1", "--dir", folder],
      ...["--save", "", "--appendonly", "no", "--daemonize", "no"],
    ],
    ready: /Ready to accept connections/,
    folder,
    signal: "SIGKILL",
  });
  return { url: `redis://127.0.0.1:${port}`, stop };
}
