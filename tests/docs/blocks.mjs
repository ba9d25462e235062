// The fenced blocks of README.md and docs/, and what each of them is run by.
//
// What runs a block follows from what it imports; a comment on the line above says where that is not
// enough. GitHub does not show it:
//
//   <!-- test: node -->             a client in Node.js; blocks without such an import are for a page
//   <!-- test: continues -->        begins where the block before it in this file ends
//   <!-- test: elsewhere -->        another stage of `npm test`, or the reader's own project, runs it
//
// A block of "text output" is what the block above it prints, one of "jsonc" below a Worker its settings.
// One of "http" with a Content-Security-Policy is what the next page is served with.

import { readdirSync, readFileSync } from "node:fs";
import { at } from "../../pkg/scripts/lib.mjs";

/** What the texts call the server, and its port where a reader starts one. */
export const ENDPOINT = "https://events.example.com";
export const PORT = "8080";

const KINDS = ["browser", "node", "worker", "shell", "elsewhere"];
/** Nothing runs these: texts, requests as they are on the wire, settings, other languages. */
const READ_ONLY = ["http", "json", "text"];
const POLICY = "Content-Security-Policy: ";
const NODE = /from "(node:|sluicebox\/(node|server)"|@libsql|pg"|redis"|ioredis")/;

/** README.md, that of examples/, and every page of docs/ but the reference, which is made of types/. */
export const pages = () => [
  "README.md",
  "examples/README.md",
  ...readdirSync(at("docs"), { recursive: true })
    .map((path) => `docs/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".md") && path !== "docs/reference.md")
    .sort(),
];

function kindOf(language, code, words) {
  const said = words.find((word) => KINDS.includes(word));
  if (said) return said;
  if (language === "sh") return "shell";
  if (language === "html") return "browser";
  if (READ_ONLY.includes(language)) return "read";
  if (language !== "js" && language !== "ts") return undefined;
  if (code.includes('"cloudflare:')) return "worker";
  return NODE.test(code) ? "node" : "browser";
}

/**
 * All blocks of a page: { name, language, kind, code, source, output }. `source` is what is run, `output`
 * what it prints and `settings` and
 * `policy` what it is deployed or served with, where the text says so.
 */
export function blocksOf(page, text = readFileSync(at(page), "utf8")) {
  const blocks = [];
  const lines = text.split("\n");
  let policy;
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent, language, more] = /^( *)```(\S*) ?(.*)/.exec(lines[at]) ?? [];
    if (language === undefined) continue;
    const begin = at;
    while (lines[++at].trim() !== "```");
    const code = lines
      .slice(begin + 1, at)
      .map((line) => line.slice(indent.length))
      .join("\n");
    if (more === "output") {
      blocks.at(-1).output = code;
      continue;
    }
    if (language === "jsonc") {
      blocks.at(-1).settings = JSON.parse(code.replace(/,(?=\s*[}\]])/g, ""));
      continue;
    }
    if (language === "http" && code.startsWith(POLICY)) {
      policy = code.slice(POLICY.length);
      continue;
    }
    const above = lines
      .slice(Math.max(0, begin - 2), begin)
      .filter(Boolean)
      .at(-1);
    const words = /<!-- test: (.*) -->/.exec(above ?? "")?.[1].split(" ") ?? [];
    const unknown = words.find((word) => word !== "continues" && !KINDS.includes(word));
    if (unknown) throw new Error(`${page}:${begin}: "${unknown}" is no word of a test`);
    const before = words.includes("continues") ? blocks.findLast(isScript) : undefined;
    blocks.push({
      name: `${page}:${begin + 1}`,
      language,
      code,
      ...(policy && { policy }),
      kind: before && !words.includes("elsewhere") ? before.kind : kindOf(language, code, words),
      source: before ? joined(before.source, code) : code,
    });
    policy = undefined;
  }
  return blocks;
}

const isScript = ({ language }) => language === "js" || language === "ts";

/** Imports stand first in a module, and one name is imported once. */
function joined(before, code) {
  const known = new Set(before.split("\n").filter((line) => line.startsWith("import ")));
  const lines = code.split("\n");
  const imports = lines.filter((line) => line.startsWith("import ") && !known.has(line));
  return [...imports, before, ...lines.filter((line) => !line.startsWith("import "))].join("\n");
}

export const blocks = (...kinds) =>
  pages()
    .flatMap((page) => blocksOf(page))
    .filter(({ kind }) => kinds.includes(kind));

/** The one rule by which a text becomes a test: these two names mean servers of this machine. */
export const local = (source, endpoint, port) =>
  source.replaceAll(ENDPOINT, endpoint).replaceAll(PORT, String(port));
