import { tracker } from "library";

const given = new URLSearchParams(location.search);
const analytics = tracker({
  writeKey: given.get("key"),
  dataPlaneUrl: given.get("to"),
  onError: (error) => console.error(error.code, error.message),
});
analytics.track("Opened");
