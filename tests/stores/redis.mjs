// Redis for a test.

import { createClient } from "redis";
import { databasePrograms } from "../../pkg/scripts/databases.mjs";
import { startService, temporaryFolder } from "./service.mjs";

/**
 * A new, empty Redis that keeps nothing on disk, with more `settings` if need be. Resolves to
 * { url, port, stop }.
 */
export async function startRedis(settings = []) {
  const folder = temporaryFolder("redis");
  const { port, stop } = await startService(databasePrograms().redis, {
    args: (free) => [
      ...["--port", String(free), "--bind", "127.0.0.1", "--dir", folder],
      ...["--save", "", "--appendonly", "no", "--daemonize", "no"],
      ...settings,
    ],
    ready: /Ready to accept connections/,
    folder,
    signal: "SIGKILL",
  });
  return { url: `redis://127.0.0.1:${port}`, port, stop };
}

/** A cluster of one, which has every slot. */
export async function startCluster() {
  const cluster = await startRedis([
    "--cluster-enabled",
    "yes",
    "--cluster-announce-ip",
    "127.0.0.1",
  ]);
  const client = createClient({ url: cluster.url });
  client.on("error", () => {});
  await client.connect();
  await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
  while (!/cluster_state:ok/.test(await client.sendCommand(["CLUSTER", "INFO"])));
  await client.close();
  return cluster;
}
