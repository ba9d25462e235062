// Every runtime the clients are for: each gets the base URL of a run and gives back the transcript
// of the exercise.

import { createServer } from "node:http";
import { build } from "esbuild";
import { at, attempt } from "../../pkg/scripts/lib.mjs";
import { launchBrowser } from "../e2e/launch.mjs";
import { startWorker } from "./workerd.mjs";

const SCRIPT = at("tests/hosts/run/esm.mjs");
const deno = at("node_modules/.bin/deno");
export const bun = at("node_modules/.bin/bun");

/** Milliseconds after which a program that has not ended is taken to hang. */
export const HANG_MS = 100_000;

/** Deno without a permission asks for it, and with nobody to answer refuses. */
export const DENO = [deno, "run", "--no-prompt", "--no-lock"];

const worker = (options) => async (base) => {
  const { url, output, close } = await startWorker(at("tests/hosts/run/worker.mjs"), options);
  try {
    const response = await fetch(`${url}/exercise?base=${encodeURIComponent(base)}`);
    if (response.status !== 200) throw new Error(`${await response.text()}\n${output()}`);
    return await response.json();
  } finally {
    await close();
  }
};

export const RUNTIMES = {
  "Node.js, import": (base) => said("node", SCRIPT, base),
  "Node.js, require": (base) => said("node", at("tests/hosts/run/required.cjs"), base),
  "Deno with the network alone": (base) => said(...DENO, "--allow-net=127.0.0.1", SCRIPT, base),
  Bun: (base) => said(bun, SCRIPT, base),
  workerd: worker(),
  // What Next.js takes; here it only shows that the bundle is whole.
  "the bundle for edge-light": worker({ conditions: ["edge-light", "worker", "browser"] }),
  Chromium: page,
};

async function said(program, ...args) {
  const { code, output } = await attempt(program, args, { timeout: HANG_MS });
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${output}`);
  return JSON.parse(output);
}

async function page(base) {
  const { outputFiles } = await build({
    entryPoints: [at("tests/hosts/run/page.mjs")],
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "warning",
  });
  // Another origin than the recorder's, as data planes are.
  const site = createServer(({ url }, response) => {
    const isScript = url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(
      isScript
        ? outputFiles[0].contents
        : '<!doctype html><title>A page</title><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  const browser = await launchBrowser();
  try {
    const opened = await browser.newPage();
    const query = `?base=${encodeURIComponent(base)}`;
    await opened.goto(`http://127.0.0.1:${site.address().port}/${query}`);
    return await opened.evaluate(() => globalThis.exercised);
  } finally {
    await browser.close();
    site.closeAllConnections();
    site.close();
  }
}
