// Makes the tests' folder ready: the tools of users as its lock names them, and the package as npm packs
// it, unpacked by npm beside the consumers. Nothing here is linked to the checkout.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { at, isMain, run, script, timed } from "../../pkg/scripts/lib.mjs";

const FOLDER = "tests/packaging";
const STAMP = `${FOLDER}/node_modules/.sluicebox-lock`;
/** The consumers; the tools are found above them, the package beside them. */
export const WORK = `${FOLDER}/.build`;

const NPM = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];

async function installTools() {
  const wanted = createHash("sha256")
    .update(readFileSync(at(`${FOLDER}/package-lock.json`)))
    .digest("hex");
  if (existsSync(at(STAMP)) && readFileSync(at(STAMP), "utf8") === wanted) return;
  await timed("packaging: installing what users build with", () =>
    run("npm", ["ci", "--prefer-offline", ...NPM], { cwd: at(FOLDER) }),
  );
  writeFileSync(at(STAMP), wanted);
}

/** `npm pack` of a folder into another: resolves to what npm says about the tarball. */
export async function pack(folder, into) {
  const where = ["--pack-destination", at(into)];
  const said = await run("npm", ["pack", "--json", "--loglevel=error", ...where], {
    cwd: at(folder),
  });
  const told = JSON.parse(said);
  return told.filename ? told : Object.values(told)[0];
}

const dependenciesOn = (tarballs) =>
  Object.fromEntries(
    tarballs.map(({ name, filename }) => [name, `file:${at(`${WORK}/${filename}`)}`]),
  );

/** A project that depends on these tarballs, installed by npm without asking the registry. */
async function project(folder, tarballs, ...more) {
  mkdirSync(at(folder), { recursive: true });
  const dependencies = dependenciesOn(tarballs);
  const manifest = { name: "consumer", private: true, version: "1.0.0", dependencies };
  writeFileSync(at(`${folder}/package.json`), JSON.stringify(manifest));
  await run("npm", ["install", "--offline", ...NPM, ...more], { cwd: at(folder) });
}

async function ready() {
  await installTools();
  rmSync(at(WORK), { recursive: true, force: true });
  mkdirSync(at(WORK), { recursive: true });
  const own = await pack("pkg", WORK);
  writeFileSync(at(`${WORK}/packed.json`), JSON.stringify(own));
  await project(WORK, [own]);
  // A library that uses the package and brings its own copy of it.
  const [from, to] = [`${FOLDER}/hosts/library`, `${WORK}/library`];
  cpSync(at(from), at(to), { recursive: true });
  const manifest = JSON.parse(readFileSync(at(`${to}/package.json`), "utf8"));
  manifest.dependencies = dependenciesOn([own]);
  writeFileSync(at(`${to}/package.json`), JSON.stringify(manifest));
  const library = await pack(to, WORK);
  await project(`${WORK}/dependant`, [library], "--install-strategy=nested");
}

if (isMain(import.meta.url)) await script(ready);
