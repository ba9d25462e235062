// workerd, the runtime of Cloudflare Workers, with a Worker bundled as wrangler bundles one.

import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { at, root } from "../../pkg/scripts/lib.mjs";

/** The conditions of wrangler. */
export const WRANGLER = ["workerd", "worker", "browser"];

/** Old enough that a Worker written today may have it. */
const COMPATIBILITY_DATE = "2024-11-01";

/** Bundles a Worker into a folder as worker.js; resolves to the names of the WebAssembly beside it. */
export async function bundle(entry, folder, conditions) {
  const modules = [];
  // What wrangler does with *.wasm and *.wasm?module: out of the bundle, a module of its own.
  const collect = {
    name: "wasm modules",
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) => {
        const file = path.replace("?module", "");
        copyFileSync(join(resolveDir, file), join(folder, basename(file)));
        modules.push(basename(file));
        return { path: `./${basename(file)}`, external: true };
      });
    },
  };
  await build({
    ...(entry.source
      ? { stdin: { contents: entry.source, resolveDir: root } }
      : { entryPoints: [entry] }),
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions,
    external: ["cloudflare:*", "node:*"],
    plugins: [collect],
    logLevel: "warning",
  });
  return modules;
}

const config = (modules, date) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [
        (name = "worker.js", esModule = embed "worker.js"),
        ${modules.map((name) => `(name = "${name}", wasm = embed "${name}"),`).join("\n        ")}
      ],
      compatibilityDate = "${date}",
      globalOutbound = "network",
    )),
    (name = "network", network = (allow = ["private", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;

/** Serves a Worker, a file or { source }: resolves to { url, output(), close() }. */
export async function startWorker(
  entry,
  { conditions = WRANGLER, date = COMPATIBILITY_DATE } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "sluicebox-worker-"));
  const modules = await bundle(entry, folder, conditions);
  writeFileSync(join(folder, "config.capnp"), config(modules, date));
  // The fourth stream is where workerd says which port it got.
  const child = spawn(
    at("node_modules/.bin/workerd"),
    ["serve", join(folder, "config.capnp"), "--control-fd=3"],
    { stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );
  let output = "";
  for (const from of [child.stdout, child.stderr]) {
    from.setEncoding("utf8").on("data", (chunk) => (output += chunk));
  }
  const ended = new Promise((resolve) => child.once("close", resolve));
  const close = async () => {
    // Asked politely it waits for connections to end.
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true });
  };
  const port = await new Promise((resolve, reject) => {
    let said = "";
    child.stdio[3].setEncoding("utf8").on("data", (chunk) => {
      said += chunk;
      const found = /"listen".*"port":(\d+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
    ended.then((code) => reject(new Error(`workerd ended with ${code}:\n${output}`)));
  }).catch((error) => {
    rmSync(folder, { recursive: true });
    throw error;
  });
  return { url: `http://127.0.0.1:${port}`, output: () => output, close };
}
