/**
 * The client's core as JavaScript, for pages that refuse WebAssembly. `sluicebox` imports it by itself
 * there; import it in a page only to carry it inside a bundle of one file.
 */
export {};
