// Pages with logs of records, each with a core that only writes down what it hears.

import { createServer } from "node:http";
import { build } from "esbuild";
import { root } from "../../pkg/scripts/lib.mjs";
import { launchBrowser } from "./launch.mjs";

/** In the page. */
const SCRIPT = `
  import { pageLog } from "./src/platform/tabs.js";
  import { watchLife } from "./src/platform/life.js";

  window.unhandled = [];
  addEventListener("unhandledrejection", ({ reason }) => unhandled.push(String(reason)));
  addEventListener("error", ({ message }) => unhandled.push(message));

  class Core {
    /** What it holds, and what it heard. */
    held = [];
    heard = [];
    constructor(log) {
      this.log = log;
      log.open(this);
      watchLife(this);
    }
    show() {}
    hide() {}
    freeze() { this.log.freeze(); }
    thaw() { this.log.thaw(); }
    /** Takes texts, and stores them as one record. */
    take(...texts) {
      this.held.push(...texts);
      this.#write(texts);
    }
    #writes = [];
    #write(texts, remove = 0) {
      this.#writes.push(texts);
      this.log.write(texts.join(), remove);
    }
    load() { this.heard.push("load"); }
    adopt(records) {
      // What is no text may be anything that another program left there.
      const found = records.flatMap((record) => record.split?.(",") ?? []);
      this.heard.push("adopt " + found.join());
      this.held.unshift(...found);
      if (found.length) this.#write(found);
    }
    stored(done) {
      const texts = this.#writes.shift();
      this.heard.push(done ? "stored" : "not stored");
      // As the core does, but sooner.
      if (!done) setTimeout(() => this.#write(texts), 20);
    }
    thawed(kept) { this.heard.push(kept ? "kept" : "taken"); }
    told(until) { this.heard.push("told " + until); }
    trouble(message) { this.heard.push("trouble " + message); }
  }

  window.start = (owner = "owner") => (window.core = new Core(pageLog(owner)));
  /** All that is stored, as [owner, text]. */
  window.kept = () => new Promise((resolve, reject) => {
    const open = indexedDB.open("sluicebox");
    open.onerror = () => reject(open.error);
    open.onsuccess = () => {
      const database = open.result;
      if (!database.objectStoreNames.length) return resolve([]);
      const found = [];
      database.transaction("sluicebox").objectStore("sluicebox").openCursor().onsuccess = ({ target: { result } }) => {
        if (result) {
          found.push([result.key[0], result.value]);
          return result.continue();
        }
        database.close();
        resolve(found);
      };
    };
  });
`;

/** Resolves to { url, insecureUrl, browser, stop() }. */
export async function startPages() {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: root },
    bundle: true,
    format: "esm",
    write: false,
  });
  const server = createServer((request, response) => {
    const isScript = request.url === "/log.js";
    response
      // For frames without an origin.
      .setHeader("access-control-allow-origin", "*")
      .setHeader("content-type", isScript ? "text/javascript" : "text/html")
      .end(
        isScript
          ? outputFiles[0].text
          : '<!doctype html><title>Log</title><script type="module" src="/log.js"></script>',
      );
  });
  await new Promise((resolve) => server.listen(0, resolve));
  const { port } = server.address();
  // A name that is no localhost is no secure context.
  const browser = await launchBrowser(["--host-resolver-rules=MAP insecure.test 127.0.0.1"]);
  return {
    url: `http://127.0.0.1:${port}/`,
    insecureUrl: `http://insecure.test:${port}/`,
    browser,
    async stop() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
