// Builds the demo page into dist/: one script, one style sheet, the data.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

rmSync(at("dist"), { recursive: true, force: true });
mkdirSync(at("dist"));
await build({
  entryPoints: [at("src/main.js")],
  outfile: at("dist/main.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  logLevel: "warning",
});
for (const file of ["index.html", "style.css", "icon.svg"]) cpSync(at(file), at(`dist/${file}`));
cpSync(at("data/activity.ndjson.gz"), at("dist/activity.ndjson.gz"));
