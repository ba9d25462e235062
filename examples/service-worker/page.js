localStorage.visitor ??= crypto.randomUUID();

await navigator.serviceWorker.register(`sw.js${location.search}`, { type: "module" });
const { active } = await navigator.serviceWorker.ready;

/** The service worker has it from here on; the page may go. */
function track(event, properties = {}) {
  active.postMessage({ event, properties, anonymousId: localStorage.visitor });
}

track("Opened");
document.querySelector("#buy").addEventListener("click", () => track("Bought"));
