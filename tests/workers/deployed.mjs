// A Worker of this checkout as wrangler would deploy it: its bundle and its configuration, run by
// miniflare instead of Cloudflare.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as optionsOf } from "wrangler";
import { at, run, toolEnv } from "../../pkg/scripts/lib.mjs";

/** `wrangler deploy --dry-run`: resolves to its modules as miniflare takes them, the main one first. */
async function deploy(folder) {
  const out = mkdtempSync(join(tmpdir(), "sluicebox-deploy-"));
  try {
    await run("wrangler", ["deploy", "--dry-run", "--outdir", out], {
      cwd: folder,
      env: toolEnv({ CI: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: out }),
    });
    const files = readdirSync(out).filter((path) => /\.(js|wasm)$/.test(path));
    return files
      .sort((a, b) => Number(b.endsWith(".js")) - Number(a.endsWith(".js")))
      .map((path) => ({
        type: path.endsWith(".js") ? "ESModule" : "CompiledWasm",
        path,
        contents: readFileSync(join(out, path)),
      }));
  } finally {
    rmSync(out, { recursive: true });
  }
}

/**
 * Deploys the Worker of a folder. `start` runs it, with other `vars` than its own if given; what it
 * stores in `persist` outlives it. A started Worker is { url, output(), close() }.
 */
export async function deployed(name) {
  const folder = at(name);
  const modules = await deploy(folder);
  const { workerOptions } = optionsOf(join(folder, "wrangler.jsonc"));
  return async function start({ vars, persist } = {}) {
    let output = "";
    const miniflare = new Miniflare({
      ...workerOptions,
      bindings: { ...workerOptions.bindings, ...vars },
      modules,
      host: "127.0.0.1",
      port: 0,
      ...(persist && { durableObjectsPersist: persist }),
      handleRuntimeStdio(...streams) {
        for (const from of streams) from.on("data", (chunk) => (output += chunk));
      },
    });
    const url = (await miniflare.ready).origin;
    return { url, output: () => output, close: () => miniflare.dispose() };
  };
}
