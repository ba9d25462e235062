// What `npm run release` refuses before it builds anything.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { entriesOf, refusals } from "../../pkg/scripts/release.mjs";
import { at, attempt, run } from "../../pkg/scripts/lib.mjs";

const GOOD = {
  status: "",
  version: "1.2.3",
  changelog: "# Changelog\n\n## 1.2.3 (2030-01-02)\n\n- Something.\n\n## 1.2.2\n\n- Less.\n",
  tags: ["v1.2.2"],
};

test("what is committed, written down and new may be released", () => {
  assert.deepEqual(refusals(GOOD), []);
  assert.equal(entriesOf(GOOD.changelog, "1.2.3"), "- Something.");
});

for (const [why, given, sentence] of [
  [
    "a file that is not committed",
    { status: "?? new.txt\n" },
    /Commit or remove.*\n\?\? new\.txt$/,
  ],
  ["a version without an entry", { version: "1.2.4" }, /nothing below "## 1\.2\.4"/],
  ["a version whose entry is empty", { changelog: "## 1.2.3\n\n## 1.2.2\n\n- Less.\n" }, /nothing/],
  ["a version that another begins with", { version: "1.2" }, /"1\.2", is none of semver/],
  [
    "lines nobody has given a version",
    { changelog: `## Unreleased\n\n- New.\n\n${GOOD.changelog}` },
    /still has .*: move them below "## 1\.2\.3", .*, and commit\.$/,
  ],
  [
    "a changelog with unreleased lines only, by one sentence that says what to do",
    { changelog: "# Changelog\n\n## Unreleased\n\n- New.\n" },
    /^Rename "## Unreleased" in CHANGELOG\.md to "## 1\.2\.3 \(\d{4}-\d\d-\d\d\)", .* pkg\/package\.json.*, and commit\.$/,
  ],
  [
    "an entry for nobody",
    { changelog: "# Changelog\n" },
    /nothing below .*: write what changed, and commit\.$/,
  ],
  ["a version that is tagged", { tags: ["v1.2.3"] }, /v1\.2\.3 is there already/],
]) {
  test(`refused: ${why}`, () => {
    assert.match(refusals({ ...GOOD, ...given }).join("\n"), sentence);
  });
}

/** A checkout that has only what the script reads before it builds. */
async function checkout(t, changelog) {
  const folder = mkdtempSync(join(tmpdir(), "sluicebox-release-"));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(at("pkg/scripts"), join(folder, "pkg/scripts"), { recursive: true });
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  writeFileSync(join(folder, "pkg/package.json"), `{ "name": "sluicebox", "version": "1.2.3" }`);
  writeFileSync(join(folder, "CHANGELOG.md"), changelog);
  const git = (...args) => run("git", args, { cwd: folder });
  await git("init", "--quiet");
  await git("add", ".");
  const who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"];
  await git(...who, "commit", "--quiet", "--message", "Begin");
  const release = () =>
    attempt("node", [join(folder, "pkg/scripts/release.mjs"), "--dry-run"], { cwd: folder });
  return { folder, release };
}

test("the command ends with 1 where a file is not committed, and names it", async (t) => {
  const { folder, release } = await checkout(t, GOOD.changelog);
  writeFileSync(join(folder, "forgotten.txt"), "");
  const { code, output } = await release();
  assert.deepEqual([code, /\?\? forgotten\.txt/.test(output)], [1, true], output);
});

test("the command ends with 1 where the changelog does not know the version", async (t) => {
  const { release } = await checkout(t, "# Changelog\n\n## 1.2.2\n\n- Less.\n");
  const { code, output } = await release();
  assert.equal(code, 1);
  assert.equal(
    output.trim(),
    `CHANGELOG.md says nothing below "## 1.2.3", the version of pkg/package.json: write what changed, and commit.`,
  );
});
