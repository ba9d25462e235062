// What esbuild is told about the package's own sources.

import { readFileSync } from "node:fs";
import { at } from "./lib.mjs";

const EDGE_HOST = "src/platform/edge.js";

/**
 * The same entry for an edge runtime: what it starts is the compiled module that the runtime imports
 * from `file`, and what it does in the world it does in the way of such a runtime.
 */
export function onTheEdge(file) {
  return {
    name: "on the edge",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\/inline\.js$/ }, () => ({ path: file, namespace: "module" }));
      onLoad({ filter: /.*/, namespace: "module" }, ({ path }) => ({
        contents: `import wasm from "${path}";\nexport const bytes = () => wasm;\nexport const module = bytes;\n`,
      }));
      onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path }) => ({ path, external: true }));
      // What is imported is compiled, though in Next.js by another realm's WebAssembly.Module.
      onLoad({ filter: /\/sluicebox\.js$/ }, ({ path }) => {
        const glue = readFileSync(path, "utf8");
        if (path.includes("/client/")) return { contents: glue };
        const contents = glue.replaceAll(/if \(!\(module instanceof [^]*?\}/g, "");
        if (contents === glue) throw new Error("the glue does not compile bytes any more");
        return { contents };
      });
      onResolve({ filter: /\/platform\/host\.js$/ }, ({ importer }) =>
        importer === at(EDGE_HOST) ? undefined : { path: at(EDGE_HOST) },
      );
    },
  };
}

/**
 * wasm-pack copies our JavaScript snippets beside the glue. Resolved to the originals, the error
 * class that the glue throws and the one an entry exports are the same class.
 */
export function snippets() {
  return {
    name: "snippets",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/snippets\/sluicebox-[^/]+\/src\// }, ({ path }) => ({
        path: at(path.replace(/^\.\/snippets\/[^/]+\//, "")),
      }));
    },
  };
}
