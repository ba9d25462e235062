/**
 * The client's core as JavaScript, for pages that refuse WebAssembly. `sluicebox` imports it by itself
 * there; import it yourself only to carry it inside a bundle of one file, and in a service worker that is a
 * module, before `sluicebox`: such a worker may load nothing later.
 */
export {};
