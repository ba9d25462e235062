// node run.mjs [--only floor,rudder] [--workloads w1,w2,w3] [--repeat 3] [--jobs 4] [--out results.json]
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { pageServer } from "./server.mjs";
import * as workloads from "./workloads.mjs";
import * as losses from "./losses.mjs";
import { report } from "./report.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const { values: opt } = parseArgs({
  options: {
    only: { type: "string" },
    workloads: { type: "string" },
    repeat: { type: "string" },
    jobs: { type: "string", default: "4" },
    out: { type: "string", default: "../../artifacts/peers.json" },
  },
});

const all = { ...workloads, ...losses };
const adapters = fs
  .readdirSync(path.join(here, "adapters"))
  .filter((f) => f.endsWith(".js"))
  .map((f) => f.slice(0, -3));
const names = opt.only ? opt.only.split(",") : ["floor", ...adapters.filter((n) => n !== "floor")];
const wanted = opt.workloads ? opt.workloads.split(",") : [""];
const list = Object.keys(all)
  .sort()
  .filter((w) => wanted.some((p) => w.startsWith(p)));
const SERIAL = { w1: 1, w2: 3, w7: 1, w8: 5, w9window: 20, w9offline: 20 }; // what runs alone; number = default repeats

const dir = path.join(here, ".build", String(process.pid)); // own folder: runs may overlap
process.on("exit", () => fs.rmSync(dir, { recursive: true, force: true }));
// esbuild does not follow new URL('x.wasm', import.meta.url): copy the file next to the bundle
const wasmUrls = {
  name: "wasm-urls",
  setup(b) {
    b.onLoad({ filter: /\.m?js$/ }, ({ path: file }) => {
      const js = fs.readFileSync(file, "utf8");
      const contents = js.replace(/new URL\(\s*(['"])([^'"]+\.wasm)\1/g, (whole, _, url) => {
        const from = path.resolve(path.dirname(file), url),
          base = path.basename(url);
        if (!fs.existsSync(from)) return whole;
        fs.cpSync(from, path.join(b.initialOptions.outdir, base));
        return `new URL('./${base}'`;
      });
      return contents === js ? null : { contents, loader: "js" };
    });
  },
};
for (const n of names) {
  await esbuild.build({
    stdin: {
      contents: `import start from './adapters/${n}.js'; globalThis.start = start; globalThis.onStart?.(start);`,
      resolveDir: here,
    },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    splitting: true,
    outdir: path.join(dir, n),
    entryNames: "main",
    chunkNames: "chunk-[hash]",
    assetNames: "[name]-[hash]",
    publicPath: `/${n}`,
    loader: { ".wasm": "file" },
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
    plugins: [wasmUrls],
  });
  const main = path.join(dir, n, "stdin.js");
  if (fs.existsSync(main)) fs.renameSync(main, path.join(dir, n, "main.js"));
}

const srv = await pageServer(dir),
  env = { page: srv.origin, served: srv.served, dir };
const outFile = path.resolve(here, opt.out);
fs.mkdirSync(path.dirname(outFile), { recursive: true });
const results = fs.existsSync(outFile) ? JSON.parse(fs.readFileSync(outFile)) : {};
results.machine = { cpu: os.cpus()[0].model, cores: os.cpus().length, node: process.version };
results.versions = Object.fromEntries(
  Object.keys(JSON.parse(fs.readFileSync(path.join(here, "package.json"))).dependencies).map(
    (d) => [
      d,
      JSON.parse(fs.readFileSync(path.join(here, "node_modules", d, "package.json"))).version,
    ],
  ),
);
results.runs ??= {};

const tasks = (serial) =>
  list
    .filter((w) => w in SERIAL === serial)
    .flatMap((w) =>
      // repeats outermost, so that contenders alternate and share whatever else the machine is doing
      Array.from({ length: +(opt.repeat ?? SERIAL[w] ?? 2) }, (_, rep) =>
        names.map((n) => ({ w, n, rep })),
      ).flat(),
    );
async function one({ w, n, rep }) {
  const at = new Date().toISOString(),
    load = os.loadavg()[0]; // what the machine was doing just before
  let r;
  try {
    r = await all[w](env, n);
  } catch (e) {
    r = { failed: String(e.message).split("\n")[0] };
  }
  console.log(at.slice(11, 19), load, w, n, JSON.stringify(r));
  const slot = ((results.runs[w] ??= {})[n] ??= []);
  if (rep === 0) slot.length = 0;
  slot.push({ at, load, ...r });
  fs.writeFileSync(outFile, JSON.stringify(results, null, 1));
}
async function pool(jobs, queue) {
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      while (queue.length) await one(queue.shift());
    }),
  );
}
await pool(1, tasks(true));
await pool(+opt.jobs, tasks(false));
fs.writeFileSync(outFile.replace(/json$/, "md"), report(results));
srv.close();
process.exit(0);
