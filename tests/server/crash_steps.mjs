// Servers that end in the middle of their work, over any store.

import assert from "node:assert/strict";
import { StreamClient } from "sluicebox";
import { idsByItems, idsBySubscription, load, until } from "./command.mjs";

const ROUNDS = 3;

/** Events acknowledged in a round until the server ends. */
const ENOUGH = 400;

/** Each acknowledged event is there once, pages and subscribers see the same, and nobody invents. */
export async function agrees(url, stream, acknowledged, sent) {
  const items = await idsByItems(url, stream);
  const kept = new Set(items);
  assert.equal(kept.size, items.length, "an event is kept twice");
  assert.deepEqual(
    acknowledged.filter((id) => !kept.has(id)),
    [],
  );
  assert.deepEqual(
    items.filter((id) => !sent.has(id)),
    [],
  );
  const live = await idsBySubscription(url, stream, items.length);
  assert.deepEqual(live.toSorted(), items.toSorted());
}

/** `serve(port)` starts a server over the same store each time. */
export async function survivesKills(serve) {
  let server = await serve(0);
  const acknowledged = [];
  const sent = new Set();
  for (let round = 0; round < ROUNDS; round += 1) {
    const traffic = load(server.url, "kept", `round${round}`);
    await until(() => traffic.acknowledged.length >= ENOUGH, "events are acknowledged");
    await server.end("SIGKILL");
    // All that was under way may have been answered in the moment before.
    await until(() => traffic.unanswered.length > 0, "it ended under load");
    await traffic.stop();
    acknowledged.push(...traffic.acknowledged);
    for (const ids of Object.values(traffic))
      if (Array.isArray(ids)) ids.forEach((id) => sent.add(id));
    server = await serve(server.port);
    await agrees(server.url, "kept", acknowledged, sent);
  }
  assert.equal((await server.end("SIGTERM")).code, 0);
}

/** A stop that is asked for: the clients are told what was not kept, subscribers see an end. */
export async function stopsCleanly(serve) {
  const server = await serve(0);
  const live = await new StreamClient(server.url).subscribe({ reconnect: false });
  const traffic = load(server.url, "default", "stop");
  await until(() => traffic.acknowledged.length >= ENOUGH, "events are acknowledged");
  const since = performance.now();
  const [{ code, stderr }] = await Promise.all([server.end("SIGTERM"), traffic.stop()]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.ok(performance.now() - since < 30_000, "it took too long");
  const seen = [];
  // A connection that breaks would throw.
  for await (const { $id } of live) seen.push($id);
  const again = await serve(server.port);
  const kept = new Set(await idsByItems(again.url, "default"));
  assert.deepEqual(
    traffic.acknowledged.filter((id) => !kept.has(id)),
    [],
  );
  assert.deepEqual(
    traffic.refused.filter((id) => kept.has(id)),
    [],
  );
  assert.equal(new Set(seen).size, seen.length);
  assert.equal((await again.end("SIGTERM")).code, 0);
}
