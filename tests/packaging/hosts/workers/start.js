// Starts the worker that the address of the page names, and hands it what the page was given.
const given = new URLSearchParams(location.search);
const file = `./${given.get("file")}.js`;
const type = given.get("type") ?? "classic";
if (given.get("kind") === "service") {
  await navigator.serviceWorker.register(file, { type });
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage([given.get("key"), given.get("to")]);
} else {
  const worker = new Worker(file, { type });
  worker.onerror = ({ message }) => console.error(message);
  worker.postMessage([given.get("key"), given.get("to")]);
}
