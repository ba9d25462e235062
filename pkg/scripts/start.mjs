// `npm start`: from a bare clone to a running stream server with the demo page on one port.

import { createReadStream, existsSync, statSync } from "node:fs";
import { extname, join, normalize, sep } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { createFaults } from "../../www/faults.mjs";
import { build } from "./build.mjs";
import {
  at,
  attempt,
  isMain,
  run,
  script,
  seconds,
  Sentence,
  timed,
  unlessUnchanged,
} from "./lib.mjs";
import { ensureTools } from "./setup.mjs";

/** What the demo asks its events by. */
const KEYS = ["kind", "repo", "user", "type", "event", "name"];
const SITE = "www/dist";

const CONTENT_TYPES = {
  ".css": "text/css; charset=utf-8",
  ".gz": "application/gzip",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".ndjson": "application/x-ndjson; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

const HELP = `npm start -- [options]

  --port <number>   where to listen, 8080 by default; also as PORT in the environment
  --store <store>   as of \`sluicebox serve\`; sluicebox.db in the checkout by default
  --no-open         do not open the browser`;

function options(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: "string" },
      store: { type: "string" },
      "no-open": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const port = Number(values.port ?? process.env.PORT ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Sentence(
      `"${values.port ?? process.env.PORT}" is not a port: use a number from 0 to 65535.`,
    );
  }
  const store = values.store ?? `sqlite:${at("sluicebox.db")}`;
  return { port, store, open: !values["no-open"], help: values.help };
}

export async function buildSite() {
  if (!existsSync(at("www/package.json"))) return;
  await unlessUnchanged(
    {
      stamp: `${SITE}/.stamp`,
      inputs: ["www", "src", "pkg/entry", "pkg/scripts"],
      outputs: [`${SITE}/index.html`],
    },
    () => timed("build: demo page", () => run("npm", ["run", "build", "-w", "www"])),
  );
}

/**
 * The file of the page that a request is for, or undefined. A path that asks for a page of the
 * in-page navigation gets index.html, so that a reload works.
 */
export function fileFor(request, folder = at(SITE)) {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  const wanted = decodedPath(request.url);
  if (wanted === undefined) return undefined;
  const file = normalize(join(folder, wanted));
  const inside = file === folder || file.startsWith(folder + sep);
  const hidden = wanted.split("/").some((part) => part.startsWith("."));
  if (!inside || hidden) return undefined;
  if (isFile(file)) return file;
  const index = join(folder, "index.html");
  const isPage =
    extname(file) === "" && (request.headers.get("accept") ?? "").includes("text/html");
  return isPage && isFile(index) ? index : undefined;
}

function decodedPath(url) {
  try {
    const path = decodeURIComponent(new URL(url).pathname);
    return path.includes("\0") || path.includes("\\") ? undefined : path;
  } catch {
    return undefined;
  }
}

const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function answerWith(file, method) {
  const headers = {
    "content-type": CONTENT_TYPES[extname(file)] ?? "application/octet-stream",
    "content-length": String(statSync(file).size),
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
  };
  const body = method === "HEAD" ? null : Readable.toWeb(createReadStream(file));
  return new Response(body, { headers });
}

/** The stream server with the page, and the troubles it asks for, in front of it. `close` cuts what is live. */
function withSite(server, faults) {
  const cut = new AbortController();
  return {
    async fetch(request, ...rest) {
      const file = fileFor(request);
      if (file) return answerWith(file, request.method);
      const answer = await faults.answer(request, () => server.fetch(request, ...rest));
      return isLive(request, answer) ? until(cut.signal, answer) : answer;
    },
    close: async () => cut.abort(),
  };
}

const isLive = ({ url }, { status }) =>
  status === 200 && new URL(url).pathname.endsWith("/subscribe");

/** The same answer, which breaks off when the signal says so. */
const until = (signal, { body, status, headers }) =>
  new Response(body.pipeThrough(new TransformStream(), { signal }), { status, headers });

async function listen(port, wanted) {
  const importBuilt = (name) => import(pathToFileURL(at(`pkg/dist/${name}.js`)));
  const { createServer } = await importBuilt("server");
  const { serve } = await importBuilt("node");
  // It imports what is built, so not before it is.
  const { openStore } = await import("../entry/engines.js");
  const opened = await openStore(wanted, { keys: KEYS }, () => {}).catch((error) => {
    throw new Sentence(error.message.replace('"store"', "--store"));
  });
  const server = createServer({ store: opened.store });
  const start = (on) => serve(withSite(server, faults), { port: on });
  let listening, restarting;
  const faults = createFaults((ms) => {
    restarting ??= restart(ms)
      .catch((error) => {
        console.error(`start: the server does not start again: ${error.message}`);
        process.exit(1);
      })
      .finally(() => (restarting = undefined));
  });
  async function restart(ms) {
    const since = performance.now();
    await listening.close();
    console.log("start: the page has stopped the server");
    await sleep(ms - (performance.now() - since));
    listening = await start(listening.port);
    console.log("start: the server runs again");
  }
  try {
    listening = await start(port);
    const close = async () => {
      await restarting;
      await listening.close();
      await server.close();
      await opened.close();
    };
    return { port: listening.port, name: opened.name, close };
  } catch (error) {
    await opened.close();
    if (error?.cause?.code !== "EADDRINUSE") throw error;
    throw new Sentence(
      `Port ${port} is in use: stop what listens there, or choose another with \`npm start -- --port ${port + 1}\`.`,
    );
  }
}

/** Opens the default browser where somebody could see it. */
async function openBrowser(url) {
  if (process.env.CI || process.env.SSH_CONNECTION) return;
  const by = { darwin: ["open", [url]], win32: ["cmd", ["/c", "start", url]] }[process.platform];
  const hasDisplay = by || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (hasDisplay) await attempt(...(by ?? ["xdg-open", [url]]));
}

function stopOnSignal(listening) {
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(130);
    stopping = true;
    console.log("\nstart: stopping");
    setTimeout(() => process.exit(0), 2000).unref();
    await listening.close();
    process.exit(0);
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
}

async function main() {
  const { port, store, open, help } = options(process.argv.slice(2));
  if (help) return console.log(HELP);
  const since = performance.now();
  await ensureTools();
  await build();
  await buildSite();
  const listening = await listen(port, store);
  stopOnSignal(listening);
  const url = `http://localhost:${listening.port ?? port}/`;
  console.log(`start: ready in ${seconds(since)}`);
  console.log(`\n  ${url}\n\n  Events are kept in ${listening.name}. Ctrl-C stops it.\n`);
  if (open) await openBrowser(url);
}

if (isMain(import.meta.url)) script(main);
