import { Analytics } from "../node_modules/sluicebox/dist/index.js";

self.onmessage = async ({ data: [writeKey, dataPlaneUrl] }) => {
  const analytics = new Analytics({ writeKey, dataPlaneUrl });
  analytics.track("Opened");
  await analytics.flush();
};
