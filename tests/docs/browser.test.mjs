// Every block for a page, bundled as a reader's tools do and run in Chromium.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { existsSync, readFileSync } from "node:fs";
import { at } from "../../pkg/scripts/lib.mjs";
import { eventually } from "../e2e/app.mjs";
import { launchBrowser } from "../e2e/launch.mjs";
import { blocks, local } from "./blocks.mjs";
import { arrived, feed, follows, startServer } from "./server.mjs";

/** What the blocks find in their page. */
const PAGE = `<!doctype html><link rel="icon" href="data:,"><title>A page</title>
  <button id="accept">Accept</button><button id="decline">Decline</button><ul id="feed"></ul>
  <script type="module" src="/block.js"></script>`;

/** What a page says last. A policy would not let it be asked. */
const ENDED = "the block has ended";

let browser;
before(async () => (browser = await launchBrowser()));
after(() => browser?.close());

/** Files by name, as a bundler with chunks writes them. */
async function bundled(contents, loader) {
  const { outputFiles } = await build({
    stdin: {
      contents: `${contents}\nconsole.info("${ENDED}");`,
      loader,
      resolveDir: at("tests/docs"),
    },
    outdir: "/",
    entryNames: "block",
    bundle: true,
    splitting: true,
    format: "esm",
    conditions: ["production"],
    write: false,
    logLevel: "warning",
  });
  return new Map(outputFiles.map(({ path, contents }) => [path.replaceAll("\\", "/"), contents]));
}

/** The files of the package, where a page without a bundler finds them. */
function installed(url) {
  const [, name] = /^\/node_modules\/sluicebox\/(dist\/\w+\.js)$/.exec(url) ?? [];
  return name && existsSync(at(`pkg/${name}`)) ? readFileSync(at(`pkg/${name}`)) : undefined;
}

async function startSite(html, files, policy) {
  const site = createServer(({ url }, response) => {
    const file = files.get(url) ?? installed(url);
    response.setHeader("content-type", `text/${file ? "javascript" : "html"}; charset=utf-8`);
    if (policy) response.setHeader("content-security-policy", policy);
    response.end(file ?? html);
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${site.address().port}/`, close: () => site.close() };
}

for (const block of blocks("browser")) {
  test(block.name, async () => {
    const server = await startServer();
    const source = local(block.source, server.url, server.port);
    const isPage = block.language === "html";
    const policy = block.policy && local(block.policy, server.url, server.port);
    const site = isPage
      ? await startSite(source, new Map(), policy)
      : await startSite(PAGE, await bundled(source, block.language), policy);
    const context = await browser.newContext();
    const problems = [];
    let said = "";
    let hasEnded = false;
    try {
      const page = await context.newPage();
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error") problems.push(message.text());
        else if (message.text() === ENDED) hasEnded = true;
        else said += `${message.text()}\n`;
      });
      await page.goto(site.url);
      if (follows(source)) {
        await feed(server, source, () => said || problems.length > 0);
      } else if (!isPage) {
        const isOver = () => hasEnded || problems.length > 0;
        await eventually("the block comes to its end", isOver, 60_000);
        // A visitor who is asked says yes.
        if (source.includes("#accept")) await page.click("#accept");
      }
      if (problems.length === 0) await arrived(server, block.source);
      if (block.output) assert.equal(said.trimEnd(), block.output);
      assert.deepEqual(problems, []);
    } catch (error) {
      error.message += `\n${problems.join("\n")}`;
      throw error;
    } finally {
      await context.close();
      site.close();
      await server.close();
    }
  });
}
