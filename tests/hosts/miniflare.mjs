// A Worker with D1 and Durable Objects, in the workerd that miniflare sets up for them.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { bundle, WRANGLER } from "./workerd.mjs";

/** From here on a Worker has Durable Objects with SQLite and RPC without asking. */
export const COMPATIBILITY_DATE = "2025-05-05";

/**
 * Serves a Worker, a file or { source }. `bindings` are options of miniflare, and `persist` is a
 * folder that outlives the Worker. Resolves to { url, output(), close() }.
 */
export async function startMiniflare(entry, { persist, ...bindings } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "sluicebox-miniflare-"));
  let output = "";
  try {
    const modules = await bundle(entry, folder, WRANGLER);
    const miniflare = new Miniflare({
      modules: [
        { type: "ESModule", path: "worker.js", contents: readFileSync(join(folder, "worker.js")) },
        ...modules.map((path) => ({
          type: "CompiledWasm",
          path,
          contents: readFileSync(join(folder, path)),
        })),
      ],
      compatibilityDate: COMPATIBILITY_DATE,
      host: "127.0.0.1",
      port: 0,
      handleRuntimeStdio(...streams) {
        for (const from of streams) from.on("data", (chunk) => (output += chunk));
      },
      ...(persist && { d1Persist: persist, durableObjectsPersist: persist }),
      ...bindings,
    });
    const url = (await miniflare.ready).origin;
    return { url, output: () => output, close: () => miniflare.dispose() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
