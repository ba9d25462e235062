// What holds for the pages as such: every block is run or says why not, every link leads somewhere,
// scripts agree with the types.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, posix } from "node:path";
import { test } from "node:test";
import { at, attempt } from "../../pkg/scripts/lib.mjs";
import { blocks, blocksOf, pages } from "./blocks.mjs";

/** Written from the types by pkg/scripts/reference.mjs; links to it count once it is there. */
const GENERATED = "docs/reference.md";

test("every block is run, or is of a kind that cannot be", (t) => {
  const all = pages().flatMap((page) => blocksOf(page));
  for (const { name, kind, language } of all) {
    assert.ok(kind, `${name}: nobody knows how to run a block of "${language}"`);
  }
  const notRun = all.filter(({ kind }) => kind === "read" || kind === "elsewhere");
  t.diagnostic(`${all.length - notRun.length} of ${all.length} blocks are run. Not:`);
  for (const { name, language, kind } of notRun) {
    const why = kind === "read" ? "nothing runs it" : "run in another way";
    t.diagnostic(`  ${name} (${language}, ${why})`);
  }
  // Where commands are run in another way, it is by name here.
  const ELSEWHERE =
    /^(npm (install|start|test|run)|npx (wrangler|tsc|esbuild)|node tests\/bench|#|cd )/;
  for (const { name, code, kind } of notRun) {
    if (kind !== "elsewhere") continue;
    for (const line of code.split("\n")) assert.match(line, ELSEWHERE, `${name}: ${line}`);
  }
});

/** As GitHub makes anchors of headings. */
const anchor = (heading) =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
    .trim()
    .replaceAll(" ", "-");

const withoutBlocks = (text) => text.replace(/^ *```[\s\S]*?^ *```$/gm, "");

function anchorsOf(path) {
  const known = new Map();
  const headings = withoutBlocks(readFileSync(at(path), "utf8")).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading]) => {
    const name = anchor(heading);
    const count = known.get(name) ?? 0;
    known.set(name, count + 1);
    return count ? `${name}-${count}` : name;
  });
}

const LINKED = [
  ...pages(),
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "www/workers/README.md",
  ...["react-pages", "worker-durable-object", "service-worker", "node-collector", "dashboard"]
    .map((name) => `examples/${name}/README.md`)
    .filter((path) => existsSync(at(path))),
];

for (const page of LINKED) {
  test(`links of ${page} lead somewhere`, () => {
    const text = withoutBlocks(readFileSync(at(page), "utf8"));
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) {
        assert.match(target, /^https:\/\//, `${page}: ${target}`);
        continue;
      }
      const [path, fragment] = target.split("#");
      const file = path ? posix.normalize(posix.join(dirname(page), path)) : page;
      if (file === GENERATED && !existsSync(at(file))) continue;
      assert.ok(existsSync(at(file)), `${page}: there is no ${file}`);
      if (fragment) assert.ok(anchorsOf(file).includes(fragment), `${page}: no ${target}`);
    }
  });
}

test("no page of docs/ is left out of its index", () => {
  const index = readFileSync(at("docs/README.md"), "utf8");
  for (const page of pages()) {
    const path = posix.relative("docs", page);
    if (path.startsWith("..") || path === "README.md") continue;
    assert.ok(index.includes(`](${path})`), `${page} is not in docs/README.md`);
  }
});

const OTHERS = `declare module "cloudflare:workers" {
  export const env: any;
  export function waitUntil(work: Promise<unknown>): void;
  export class DurableObject { constructor(ctx: any, env: any); ctx: any; env: any }
}
declare module "node:sqlite";
declare module "pg";
`;

const STRICT = JSON.parse(readFileSync(at("tests/types/tsconfig.json"), "utf8")).compilerOptions;
const EVERYWHERE = { lib: ["esnext", "dom", "dom.iterable"], target: "esnext", types: ["node"] };
const LENIENT = { allowJs: true, checkJs: true, skipLibCheck: true, strict: false };

/** What the compiler finds in all blocks of a language. */
async function compiled(language, options) {
  const folder = `tests/artifacts/docs/types-${language}`;
  rmSync(at(folder), { recursive: true, force: true });
  mkdirSync(at(folder), { recursive: true });
  const own = blocks("browser", "node", "worker").filter((block) => block.language === language);
  for (const { name, source } of own) {
    // A module whether it imports anything or not, so that no two blocks share a name.
    const file = at(`${folder}/${name.replace(/\W+/g, "-")}.m${language}`);
    writeFileSync(file, `${source}\nexport {};\n`);
  }
  writeFileSync(at(`${folder}/others.d.ts`), OTHERS);
  const config = { compilerOptions: { ...STRICT, ...EVERYWHERE, ...options }, include: ["*"] };
  writeFileSync(at(`${folder}/tsconfig.json`), JSON.stringify(config));
  const { code, output } = await attempt("tsc", ["--project", at(folder)]);
  assert.ok(own.length > 0 && (code === 0 || output.includes(": error TS")), output);
  return output.split("\n").filter((line) => line.includes(": error TS"));
}

test("blocks of JavaScript agree with the types", async () => {
  const wrong = await compiled("js", { ...LENIENT, exactOptionalPropertyTypes: false });
  // Events that come from a server are `Json`, which says nothing of their members. Scripts look inside.
  assert.deepEqual(
    wrong.filter((line) => !/TS2339: .* does not exist on type 'Json'/.test(line)),
    [],
  );
});

test("blocks of TypeScript compile under strict rules", async () => {
  assert.deepEqual(await compiled("ts", {}), []);
});
