// Where the examples send to, and where their pages come from.

import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { createServer, memory } from "sluicebox/server";
import { serve } from "sluicebox/node";
import { at, run, toolEnv } from "../../pkg/scripts/lib.mjs";

/** A stream server that can be away: { url, items(), insert(), goAway(), comeBack(), close() }. */
export async function startServer() {
  const server = createServer({ store: memory({ keys: ["event", "type"] }), cors: "*" });
  let isAway = false;
  const unavailable = async () => new Response("", { status: 503 });
  const answer = { fetch: (request) => (isAway ? unavailable() : server.fetch(request)) };
  const { url, close } = await serve(answer, { port: 0 });
  return {
    url,
    items: () => server.items({ end: 10_000 }),
    insert: (event) => server.insert(event),
    goAway: () => (isAway = true),
    comeBack: () => (isAway = false),
    close: () => server.close().then(close),
  };
}

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** Serves a folder; a path that is no file is a page of the app. */
export async function startSite(folder) {
  const site = createHttpServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = join(folder, pathname);
    const found = extname(file) && existsSync(file) ? file : join(folder, "index.html");
    response.setHeader("content-type", `${TYPES[extname(found)]}; charset=utf-8`);
    response.end(readFileSync(found));
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${site.address().port}`,
    close: () => {
      site.closeAllConnections();
      site.close();
    },
  };
}

export const folderOf = (name) => at(`examples/${name}`);

/** `npm run build` of an example. What it needs and the checkout has is taken from there. */
export const build = (name, env = {}) =>
  run("npm", ["run", "build"], { cwd: folderOf(name), env: toolEnv(env) });

/** `npm ci` of an example whose packages are its own, unless its lock was installed before. */
export async function install(name) {
  const folder = folderOf(name);
  const stamp = join(folder, "node_modules/.sluicebox-lock");
  const lock = readFileSync(join(folder, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  await run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder });
  writeFileSync(stamp, wanted);
}

/** A folder for a test, which goes with it. */
export function temporary(t) {
  const folder = mkdtempSync(join(tmpdir(), "sluicebox-example-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
