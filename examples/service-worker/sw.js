import { Analytics } from "sluicebox";
import { indexedDbStore } from "./store.js";

let analytics;

/** Made with the first message, which only the service worker that is active gets: a store is for one. */
function client() {
  return (analytics ??= new Analytics({
    writeKey: "shop",
    dataPlaneUrl: new URL(location).searchParams.get("events") ?? "http://localhost:8080",
    storage: indexedDbStore("undelivered"),
    onError: (error, events) => console.error(error.code, error.message, events.length),
  }));
}

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("message", (message) => {
  const { event, properties, anonymousId } = message.data;
  client().track(event, properties, { anonymousId });
  // The browser lets the service worker live until this has ended, or for some minutes.
  message.waitUntil(client().flush());
});
