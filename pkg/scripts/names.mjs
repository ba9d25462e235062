// Shortens the names between the module and its glue. wasm-bindgen writes long ones, each of them in
// the module and again in the script, where no minifier dares to touch them; and it names one
// snippet module many times, which bundlers warn about.

const IMPORT_SECTION = 2;
const EXPORT_SECTION = 7;
const FUNCTION = 0;
const OWN_MODULE = "./sluicebox_bg.js";
/** All imports of the module come from one object of this name. */
const SHORT_MODULE = "a";

/** The module and its glue with short names; throws when the glue is not of the expected shape. */
export function shortenNames(wasm, glue) {
  const imports = [];
  const exports = [];
  const sections = sectionsOf(wasm).map(({ id, body }) => {
    if (id === IMPORT_SECTION) return { id, body: renamedImports(body, imports) };
    if (id === EXPORT_SECTION) return { id, body: renamedExports(body, exports) };
    return { id, body };
  });
  const parts = sections.flatMap(({ id, body }) => [Buffer.from([id]), leb(body.length), body]);
  return {
    wasm: Buffer.concat([wasm.subarray(0, 8), ...parts]),
    glue: renamedGlue(glue, imports, exports),
  };
}

/** a … z, A … Z, aa … */
function shortName(index) {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const last = letters[index % letters.length];
  const rest = Math.floor(index / letters.length);
  return rest === 0 ? last : shortName(rest - 1) + last;
}

// ── the module

function sectionsOf(wasm) {
  const reader = new Reader(wasm, 8);
  const sections = [];
  while (!reader.done) {
    const id = reader.byte();
    sections.push({ id, body: reader.take(reader.leb()) });
  }
  return sections;
}

function renamedImports(body, found) {
  const reader = new Reader(body);
  const count = reader.leb();
  const parts = [leb(count)];
  for (let index = 0; index < count; index++) {
    const [module, name, kind] = [reader.name(), reader.name(), reader.byte()];
    if (kind !== FUNCTION) throw new Error(`import ${name} is not a function`);
    const short = shortName(index);
    found.push({ module, name, short });
    parts.push(text(SHORT_MODULE), text(short), Buffer.from([kind]), leb(reader.leb()));
  }
  return Buffer.concat(parts);
}

function renamedExports(body, found) {
  const reader = new Reader(body);
  const count = reader.leb();
  const parts = [leb(count)];
  for (let index = 0; index < count; index++) {
    const [name, kind] = [reader.name(), reader.byte()];
    const short = shortName(index);
    found.push({ name, short });
    parts.push(text(short), Buffer.from([kind]), leb(reader.leb()));
  }
  return Buffer.concat(parts);
}

class Reader {
  constructor(bytes, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }
  get done() {
    return this.position >= this.bytes.length;
  }
  byte() {
    return this.bytes[this.position++];
  }
  take(length) {
    return this.bytes.subarray(this.position, (this.position += length));
  }
  leb() {
    let [value, shift, byte] = [0, 0, 0x80];
    for (; byte & 0x80; shift += 7) {
      byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
    }
    return value;
  }
  name() {
    return Buffer.from(this.take(this.leb())).toString("utf8");
  }
}

function leb(value) {
  const bytes = [];
  do {
    const more = value > 0x7f;
    bytes.push((value & 0x7f) | (more ? 0x80 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return Buffer.from(bytes);
}

const text = (name) => Buffer.concat([leb(Buffer.byteLength(name)), Buffer.from(name)]);

// ── the glue

function renamedGlue(glue, imports, exports) {
  const shortOf = new Map(exports.map(({ name, short }) => [name, short]));
  let out = glue.replace(/\bwasm\.(\w+)\b/g, (access, name) =>
    shortOf.has(name) ? `wasm.${shortOf.get(name)}` : access,
  );

  for (const { name, short } of imports.filter(({ module }) => module === OWN_MODULE)) {
    out = replaceOnce(out, new RegExp(`^( +)${name.replace(/\$/g, "\\$")}:`, "m"), `$1${short}:`);
  }

  // `import * as import1 from "…"`, once for each import; the first of each module is enough.
  const namespaces = new Map();
  out = out.replace(/^import \* as (\w+) from "([^"]+)";?\n/gm, (line, namespace, module) => {
    if (namespaces.has(module)) return "";
    namespaces.set(module, namespace);
    return line;
  });
  const others = imports
    .filter(({ module }) => module !== OWN_MODULE)
    .map(({ module, name, short }) => {
      if (!namespaces.has(module)) throw new Error(`the glue does not import ${module}`);
      return `        ${short}: ${namespaces.get(module)}.${name},\n`;
    });

  const opening = /const import0 = \{\n *__proto__: null,\n/;
  out = replaceOnce(out, opening, (found) => found + others.join(""));
  const object = /return \{\n *__proto__: null,\n *"\.\/sluicebox_bg\.js": import0,\n[^}]*\};/;
  return replaceOnce(out, object, `return { __proto__: null, ${SHORT_MODULE}: import0 };`);
}

function replaceOnce(source, pattern, replacement) {
  if (!pattern.test(source)) throw new Error(`the glue has no ${pattern}`);
  return source.replace(pattern, replacement);
}
