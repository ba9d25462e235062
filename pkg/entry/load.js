// The core as JavaScript is fetched only where WebAssembly is refused. Every bundler that splits knows
// this form, and so does a browser without one. A service worker may not import later: it imports
// "sluicebox/fallback" itself, which is found here.
export const load = async () =>
  globalThis[Symbol.for("sluicebox.fallback")] ?? import("./fallback.js");
