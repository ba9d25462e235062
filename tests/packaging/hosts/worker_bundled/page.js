// A module worker as bundlers find it.
const given = new URLSearchParams(location.search);
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onerror = ({ message }) => console.error(message);
worker.postMessage([given.get("key"), given.get("to")]);
