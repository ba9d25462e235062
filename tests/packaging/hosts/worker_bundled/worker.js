import { Analytics } from "sluicebox";

self.onmessage = async ({ data: [writeKey, dataPlaneUrl] }) => {
  const analytics = new Analytics({ writeKey, dataPlaneUrl });
  analytics.track("Opened");
  await analytics.flush();
};
