// For bundlers that would put what is imported into the one file they write: the core as JavaScript is
// looked for beside that file. `import "sluicebox/fallback"` carries it inside instead.
const base = import.meta.url ?? globalThis.document?.currentScript?.src;

/** A moment later, so that what the page imports after this is there. */
export const load = () =>
  Promise.resolve().then(
    () =>
      globalThis[Symbol.for("sluicebox.fallback")] ??
      import(/* webpackIgnore: true */ /* @vite-ignore */ `${new URL("fallback.js", base)}`),
  );
