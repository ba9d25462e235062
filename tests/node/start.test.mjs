// The static files of `npm start`: what is served, and what never is.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileFor } from "../../pkg/scripts/start.mjs";

const base = mkdtempSync(join(tmpdir(), "sluicebox-start-"));
const site = join(base, "site");
mkdirSync(join(site, "img"), { recursive: true });
for (const name of ["site/index.html", "site/app.js", "site/img/a.svg", "site/.stamp", "secret"]) {
  writeFileSync(join(base, name), name);
}
after(() => rmSync(base, { recursive: true }));

/** A request as a server may see it: nothing has tidied its path. */
const ask = (path, { method = "GET", accept = "*/*" } = {}) =>
  fileFor({ method, url: `http://localhost${path}`, headers: new Headers({ accept }) }, site);

test("a file of the site is served, with GET and HEAD only", () => {
  assert.equal(ask("/app.js"), join(site, "app.js"));
  assert.equal(ask("/img/a.svg?v=1", { method: "HEAD" }), join(site, "img", "a.svg"));
  assert.equal(ask("/app.js", { method: "POST" }), undefined);
});

test("a page of the in-page navigation is index.html, a request of a program is not", () => {
  const accept = "text/html,application/xhtml+xml,*/*;q=0.8";
  assert.equal(ask("/", { accept }), join(site, "index.html"));
  assert.equal(ask("/pricing", { accept }), join(site, "index.html"));
  assert.equal(ask("/missing.js", { accept }), undefined);
  assert.equal(ask("/collect/clicks", { accept: "application/json" }), undefined);
});

test("nothing outside the site is served, and no hidden file", () => {
  for (const path of [
    "/../secret",
    "/%2e%2e/secret",
    "/..%2fsecret",
    "/img/..%2f..%2fsecret",
    "/..%5csecret",
    "/%00",
    "/%",
    "//etc/passwd",
    "/.stamp",
    "/%2estamp",
  ]) {
    assert.equal(ask(path), undefined, path);
  }
});
