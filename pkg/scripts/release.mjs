// `npm run release`: checks that what would be published is what is committed and written down, builds and
// checks the package, publishes it, and tags the commit. With `--dry-run` nothing leaves the machine.

import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { at, attempt, isMain, run, script, Sentence } from "./lib.mjs";
import { ensureTools } from "./setup.mjs";

const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** The lines of the changelog below the heading of a version ("## 1.2.3", and a date if any). */
export function entriesOf(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/[\s\n]/, 1)[0] === version);
  return section?.split("\n").slice(1).join("\n").trim() ?? "";
}

/** Why this may not be released, each a sentence. `status` is `git status --porcelain`, `tags` are all tags. */
export function refusals({ status, version, changelog, tags }) {
  const found = [];
  if (status.trim())
    found.push(`Commit or remove what differs from the last commit:\n${status.trimEnd()}`);
  if (!VERSION.test(version))
    found.push(`The version of pkg/package.json, "${version}", is none of semver.`);
  const heading = `"## ${version}", the version of pkg/package.json`;
  const [isWritten, isOpen] = [version, "Unreleased"].map((name) => entriesOf(changelog, name));
  if (isOpen && !isWritten) {
    const today = new Date().toISOString().slice(0, 10);
    found.push(
      `Rename "## Unreleased" in CHANGELOG.md to "## ${version} (${today})", or to another version that ` +
        "pkg/package.json is given too, and commit.",
    );
  } else if (isOpen) {
    found.push(
      `CHANGELOG.md still has lines below "## Unreleased": move them below ${heading}, and commit.`,
    );
  } else if (!isWritten) {
    found.push(`CHANGELOG.md says nothing below ${heading}: write what changed, and commit.`);
  }
  if (tags.includes(`v${version}`))
    found.push(
      `The tag v${version} is there already: raise the version in pkg/package.json and CHANGELOG.md.`,
    );
  return found;
}

const git = async (...args) => {
  const { code, output } = await attempt("git", args);
  if (code !== 0) throw new Sentence(`\`git ${args.join(" ")}\` failed:\n${output.trimEnd()}`);
  return output;
};

async function release({ dryRun }) {
  const { name, version } = JSON.parse(readFileSync(at("pkg/package.json"), "utf8"));
  const [status, tags] = [await git("status", "--porcelain"), await git("tag", "--list")];
  const changelog = existsSync(at("CHANGELOG.md")) ? readFileSync(at("CHANGELOG.md"), "utf8") : "";
  const found = refusals({ status, version, changelog, tags: tags.split("\n") });
  if (found.length > 0) throw new Sentence(found.join("\n"));

  await ensureTools();
  await build();
  const verbose = true;
  await run("node", [at("tests/packaging/setup.mjs")], { verbose });
  await run("node", ["--test", at("tests/packaging/package.test.mjs")], { verbose });
  // A version between two others, or one to try, must not become what everybody gets.
  const tag = version.includes("-") ? "next" : "latest";
  const publish = ["publish", "--tag", tag, ...(dryRun ? ["--dry-run"] : [])];
  await run("npm", publish, { cwd: at("pkg"), verbose });
  const commit = (await git("rev-parse", "--short", "HEAD")).trim();
  if (dryRun) {
    console.log(
      `\nWould publish ${name}@${version} as "${tag}", and tag ${commit} as v${version}.`,
    );
    return;
  }
  await git("tag", "--annotate", `v${version}`, "--message", `${name} ${version}`);
  console.log(
    `\nPublished ${name}@${version}; ${commit} is v${version}: git push origin v${version}`,
  );
}

if (isMain(import.meta.url)) {
  await script(async () => {
    const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
    await release({ dryRun: values["dry-run"] });
  });
}
