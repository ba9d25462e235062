import { Analytics } from "../node_modules/sluicebox/dist/index.js";

self.onmessage = (event) => {
  const [writeKey, dataPlaneUrl] = event.data;
  const waitUntil = (promise) => event.waitUntil(promise);
  const analytics = new Analytics({ writeKey, dataPlaneUrl, waitUntil });
  analytics.track("Opened");
};
