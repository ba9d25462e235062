// Every block for Cloudflare Workers, in workerd: it answers a request, and what it tracked arrives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamClient } from "sluicebox";
import { startMiniflare } from "../hosts/miniflare.mjs";
import { blocks, local } from "./blocks.mjs";
import { arrived, startServer } from "./server.mjs";

/** Bindings of a block: those of its settings, or else those that it names. */
function bindings({ source, settings }) {
  const [, className] = /export class (\w+) extends DurableObject/.exec(source) ?? [];
  const [, name] = /env\.(\w+)\.getByName/.exec(source) ?? [];
  const told =
    settings?.durable_objects.bindings ?? (className && [{ name, class_name: className }]);
  const stored = settings?.migrations.flatMap(({ new_sqlite_classes }) => new_sqlite_classes);
  return {
    ...(told && {
      durableObjects: Object.fromEntries(
        told.map(({ name, class_name: className }) => [
          name,
          { className, useSQLite: stored?.includes(className) ?? true },
        ]),
      ),
    }),
    ...(settings && { compatibilityDate: settings.compatibility_date }),
    ...(source.includes("d1(env.DB)") && { d1Databases: ["DB"] }),
  };
}

for (const block of blocks("worker")) {
  test(block.name, async () => {
    const server = await startServer();
    const source = local(block.source, server.url, server.port);
    const isServer = source.includes('"sluicebox/server"');
    const worker = await startMiniflare({ source }, bindings({ ...block, source }));
    try {
      if (isServer) {
        const client = new StreamClient(worker.url);
        await client.insert({ event: "Signed Up", userId: "u1" });
        const [found] = await client.items({ where: { userId: "u1" } });
        assert.equal(found?.event, "Signed Up");
      } else {
        const response = await fetch(worker.url, { method: "POST", body: "{}" });
        assert.ok(response.ok, await response.text());
        await arrived(server, block.source);
      }
      assert.equal(worker.output(), "");
    } finally {
      await worker.close();
      await server.close();
    }
  });
}
