// The core as JavaScript is fetched only where WebAssembly is refused. Every bundler that splits knows
// this form, and so does a browser without one.
export const load = () => import("./fallback.js");
