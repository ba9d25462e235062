// Pages with logs of records, each with a core that only writes down what it hears.

import { createServer } from "node:http";
import { build } from "esbuild";
import { root } from "../../pkg/scripts/lib.mjs";
import { launchBrowser } from "./app.mjs";

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
      this.log.write(new TextEncoder().encode(texts.join()), 0);
    }
    load() { this.heard.push("load"); }
    adopt(bytes) {
      const found = [];
      const view = new DataView(bytes.buffer);
      for (let at = 0; at < bytes.length;) {
        const length = view.getUint32(at, true);
        found.push(...new TextDecoder().decode(bytes.subarray(at + 4, at + 4 + length)).split(","));
        at += 4 + length;
      }
      this.heard.push("adopt " + found.join());
      this.held.unshift(...found);
      if (found.length) this.log.write(new TextEncoder().encode(found.join()), 0);
    }
    stored(done) {
      this.heard.push(done ? "stored" : "not stored");
      // As the engine does, but sooner: all anew.
      if (!done) setTimeout(() => this.log.write(new TextEncoder().encode(this.held.join()), 0xffffffff), 20);
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
          found.push([result.key[0], new TextDecoder().decode(result.value)]);
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
