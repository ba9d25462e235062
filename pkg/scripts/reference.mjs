// Writes docs/reference.md from pkg/types: each class, function and type with all that is said of it there.
//
//   node pkg/scripts/reference.mjs            writes it
//   node pkg/scripts/reference.mjs --check    fails when it is not what the types say
//
// A public member without a text, or an option that names no default, is an error in both.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { at, isMain, Sentence, script } from "./lib.mjs";

const FILE = "docs/reference.md";
/** Name in `import … from` → file of types. */
const MODULES = { sluicebox: "index", "sluicebox/server": "server", "sluicebox/node": "node" };

/** What is missing, each a place and what it lacks. */
let missing;

/**
 * What each module exports, as the compiler reads it. Its interface is called unstable and may change with the
 * version that the lock file names.
 */
async function parsed(read) {
  // Imported here, because this file is also named before the packages are installed.
  const { API } = await import("typescript/unstable/sync");
  const { SyntaxKind } = await import("typescript/unstable/ast");
  const api = new API({ cwd: at(".") });
  try {
    const project = at("pkg/types/tsconfig.json");
    const { program } = api.updateSnapshot({ openProject: project }).getProjects()[0];
    const source = (file) => program.getSourceFile(at(`pkg/types/${file}.d.ts`));
    return Object.entries(MODULES).map(([name, file]) => {
      const whole = source(file);
      const parts = file === "index" ? exportedBy(whole.text) : [[file]];
      const items = parts.flatMap(([part, only]) =>
        read(source(part), SyntaxKind).filter((item) => only?.includes(item.name) ?? true),
      );
      const first = /^\/\*\*[^]*?\*\//.exec(whole.text)?.[0] ?? "";
      return { name, doc: prose(first), items };
    });
  } finally {
    api.close();
  }
}

/** The files whose names a file hands on: [file, names], without names where all are. */
function exportedBy(text) {
  const found = text.matchAll(/^export (\*|\{[^}]*\}) from "\.\/(\w+)\.js";$/gm);
  return [...found].map(([, names, file]) => [
    file,
    names === "*" ? undefined : names.match(/\w+/g),
  ]);
}

/** The text of a comment: lines joined to paragraphs, without the stars. */
function prose(comment) {
  const lines = comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, "").replace(/^ (?! )/, ""));
  const text = lines.join("\n").trim();
  const paragraphs = text.split(/\n\s*\n/).map((one) => {
    // Indented lines are an example: they stay as they are.
    return /^ {2}/m.test(one) ? `\`\`\`\n${one}\n\`\`\`` : one.replace(/\s*\n\s*/g, " ").trim();
  });
  return paragraphs.join("\n\n");
}

/** A declaration as it is written, in one line where it fits. */
function signature(source, node, end = node.end) {
  const text = source.text
    .slice(node.getStart(source), end)
    .replace(/\/\*\*[^]*?\*\//g, "")
    .replace(/^export (declare )?/, "");
  const line = text
    .replace(/\s+/g, " ")
    .replace(/([([{<]) /g, (all, open) => (open === "{" ? all : open))
    .replace(/,? ([)\]>])(?!=)/g, (all, close) => (all.includes("=>") ? all : close))
    .trim();
  return line.length <= 100
    ? line
    : text
        .replace(/\n\s*\n/g, "\n")
        .replace(/^ {2}/gm, "")
        .trim();
}

/** What one file has, in its order. */
function readFile(source, SyntaxKind) {
  const docOf = (node) => (node.jsDoc?.length ? commentOf(source, node.jsDoc.at(-1)) : "");
  const found = [...source.statements].filter((node) => node.name && isExported(node, SyntaxKind));
  return found.map((node) => {
    const item = { kind: SyntaxKind[node.kind], name: node.name.text, doc: docOf(node) };
    item.heads = [...(node.heritageClauses ?? [])].map((clause) => clause.getText(source));
    item.head = signature(source, node, node.members && node.members.pos - 1);
    item.whole = signature(source, node);
    item.members = [...(node.members ?? [])].map((member) => ({
      name: member.name?.text ?? "constructor",
      isMethod: !/^Property/.test(SyntaxKind[member.kind]),
      isOptional: source.text.slice(member.name?.end, member.name?.end + 1) === "?",
      type: member.type?.getText(source).replace(/\s+/g, " ") ?? "",
      signature: signature(source, member),
      doc: docOf(member),
    }));
    return item;
  });
}

const commentOf = (source, doc) => prose(source.text.slice(doc.pos, doc.end).trim());
const isExported = (node, SyntaxKind) =>
  [...(node.modifiers ?? [])].some(({ kind }) => SyntaxKind[kind] === "ExportKeyword");

// From here on: Markdown.

const cell = (text) => text.replaceAll("|", "\\|");
const code = (text) => `\`${text}\``;

/** The words after "Default", up to the end of the sentence. */
export function defaultOf(doc) {
  const flat = doc.replace(/\s+/g, " ");
  const [, words] =
    /\bDefault(?: and 0)?:? (.+?)(?=[.;](?: |$)|, at (?:most|least)|$)/.exec(flat) ?? [];
  return words ?? "";
}

/** What a value may be, where it is a number or has a length. */
export function limitOf(doc) {
  const flat = doc.replace(/\s+/g, " ");
  const found = flat.match(
    /\b(?:from \d[\d,]*(?: to \d[\d,]*)?|\d[\d,]* to \d[\d,]*(?: characters| letters)?|(?:at (?:most|least)|up to) \d[\d,.]*\d?(?: [KMG]iB)?(?: characters| letters)?)/gi,
  );
  const ranges = found?.filter((one) => !one.startsWith("at "));
  const told = ranges?.length ? ranges : (found ?? []);
  return [...new Set(told)].map((one) => one.replace(/[.,]$/, "")).join("; ");
}

/** Options as a table, and then what each means. */
function options(item) {
  const rows = item.members.map(({ name, type, isOptional, doc }) => {
    const value = isOptional ? defaultOf(doc) : "required";
    if (!value) missing.push(`${item.name}.${name} names no default`);
    const limit = /^(?:number|string)\b/.test(type) ? limitOf(doc) : "";
    return `| ${code(name)} | ${cell(code(type))} | ${cell(value)} | ${cell(limit)} |`;
  });
  const details = item.members.map(({ name, doc }) => `- ${code(name)}: ${indented(doc)}`);
  return [
    "| name | type | default | limit |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    ...details,
    "",
  ];
}

const indented = (doc) => doc.replaceAll("\n", "\n  ");

/** One call; further forms of it stand under the same heading. */
function method({ name, signature, doc }, at, all) {
  const heading = all[at - 1]?.name === name ? [] : [`#### ${name}()`, ""];
  return [...heading, "```ts", signature, "```", "", doc, ""];
}

/** As it is called. */
const constructed = (name, signature) => signature.replace(/^constructor/, `new ${name}`);

const isOptions = ({ name, kind }) =>
  kind === "InterfaceDeclaration" && /(?:Options|Query)$/.test(name);

/** One class, function or type. */
function section(item) {
  const { kind, name, doc, heads, head, whole, members } = item;
  const lines = [`### ${name}`, ""];
  if (!doc) missing.push(`${name} has no text`);
  for (const member of members) if (!member.doc) missing.push(`${name}.${member.name} has no text`);
  if (kind === "FunctionDeclaration" || kind === "TypeAliasDeclaration") {
    return [...lines, "```ts", whole, "```", "", doc, ""];
  }
  if (isOptions(item)) {
    const also = heads.length
      ? [`${heads.join(", ").replace("extends", "And those of")}.`, ""]
      : [];
    return [...lines, doc, "", ...also, ...options(item)];
  }
  lines.push("```ts", head, "```", "", doc, "");
  const properties = members.filter(({ isMethod }) => !isMethod);
  const methods = members
    .filter(({ isMethod }) => isMethod)
    .map((member) =>
      member.name === "constructor"
        ? { ...member, name: `new ${name}`, signature: constructed(name, member.signature) }
        : member,
    );
  lines.push(...methods.flatMap(method));
  for (const { signature, doc } of properties) {
    lines.push(`- ${code(signature.replace(/;$/, ""))}: ${indented(doc)}`);
  }
  return properties.length ? [...lines, ""] : lines;
}

/** Names of our own types in a text become links to them. */
function linked(text, address) {
  return text.replace(/^(?!```).*$/gm, (line) =>
    line.replace(/(?<!\[)`(\w+)`(?!\])/g, (all, name) =>
      address.has(name) && !line.startsWith("#") ? `[${all}](#${address.get(name)})` : all,
    ),
  );
}

/** Classes, each with its options behind it, then functions, then types; else as in the file. */
function sorted(items) {
  const classes = items.filter(({ kind }) => kind === "ClassDeclaration");
  const functions = items.filter(({ kind }) => kind === "FunctionDeclaration");
  const optionsOf = ({ name }) => items.filter((item) => item.name === `${name}Options`);
  const first = classes.flatMap((item) => [item, ...optionsOf(item)]).concat(functions);
  return [...first, ...items.filter((item) => !first.includes(item))];
}

/** Name → address on the page, as GitHub makes it: the second of one spelling gets a number. */
function addresses(modules) {
  const taken = new Map();
  return new Map(
    modules
      .flatMap(({ name, items }) => [name, ...items.map((item) => item.name)])
      .map((name) => {
        const plain = name.toLowerCase().replace(/[^\w]+/g, "");
        const count = taken.get(plain) ?? 0;
        taken.set(plain, count + 1);
        return [name, count ? `${plain}-${count}` : plain];
      }),
  );
}

export async function reference() {
  missing = [];
  const read = await parsed(readFile);
  const modules = read.map((module) => ({ ...module, items: sorted(module.items) }));
  const address = addresses(modules);
  const link = ({ name }) => `[${name}](#${address.get(name)})`;
  const lines = [
    "# API reference",
    "",
    "Written from `pkg/types` by `node pkg/scripts/reference.mjs`; an editor shows the same.",
    "",
    ...modules.map((module) => `- ${link(module)}: ${module.items.map(link).join(", ")}`),
  ];
  for (const { name, doc, items } of modules) {
    lines.push("", `## ${name}`, "", doc, "", ...items.flatMap(section));
  }
  if (missing.length) throw new Sentence(`pkg/types: ${missing.join("; ")}.`);
  const { format } = await import("prettier");
  const config = JSON.parse(readFileSync(at(".prettierrc.json"), "utf8"));
  return format(linked(lines.join("\n"), address), { ...config, parser: "markdown" });
}

if (isMain(import.meta.url)) {
  script(async () => {
    const text = await reference();
    if (!process.argv.includes("--check")) return writeFileSync(at(FILE), text);
    const there = existsSync(at(FILE)) ? readFileSync(at(FILE), "utf8") : "";
    if (there !== text) {
      throw new Sentence(`${FILE} is not what pkg/types says: run node pkg/scripts/reference.mjs.`);
    }
  });
}
