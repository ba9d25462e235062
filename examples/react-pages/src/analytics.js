import { Analytics } from "sluicebox";

/** One for the app: made once, outside of components. */
export const analytics = new Analytics({
  writeKey: "shop",
  dataPlaneUrl: import.meta.env.VITE_EVENTS ?? "http://localhost:8080",
  trackPages: true,
});
