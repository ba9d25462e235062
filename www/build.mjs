// Builds the demo page into dist/: one script, one style sheet, the data, the texts it links to.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { build } from "esbuild";

/** What the server behind the page has indexes for. */
const KEYS = ["repo", "kind", "user", "type", "event", "name"];
const DATA = "activity.ndjson.gz";
const TEXTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE-MIT", "LICENSE-APACHE"];

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

rmSync(at("dist"), { recursive: true, force: true });
mkdirSync(at("dist"));

await build({
  entryPoints: {
    main: at("src/main.js"),
    tab: at("src/tab.js"),
    style: at("styles/main.css"),
  },
  outdir: at("dist"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  logLevel: "warning",
});

const events = gunzipSync(readFileSync(at(`data/${DATA}`)))
  .toString()
  .trimEnd()
  .split("\n").length;
const section = (comment, name) => {
  const file = at(`sections/${name}.html`);
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd() : comment;
};
const page = readFileSync(at("index.html"), "utf8")
  .replace(/<!-- (\w+) -->/g, section)
  .replaceAll("{{events}}", events.toLocaleString("en"))
  .replaceAll("{{keys}}", KEYS.map((key) => `<option>${key}</option>`).join(""));
writeFileSync(at("dist/index.html"), page);

copyFileSync(at("icon.svg"), at("dist/icon.svg"));
copyFileSync(at("tab.html"), at("dist/tab.html"));
copyFileSync(at(`data/${DATA}`), at(`dist/${DATA}`));
for (const text of TEXTS) {
  const copy = at(`dist/${text.replace(/\.md$/, "")}.txt`);
  if (existsSync(at(`../${text}`))) copyFileSync(at(`../${text}`), copy);
}
