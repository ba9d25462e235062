import { Analytics } from "sluicebox";

const given = new URLSearchParams(location.search);
const analytics = new Analytics({
  writeKey: given.get("key"),
  dataPlaneUrl: given.get("to"),
  onError: (error) => console.error(error.code, error.message),
});
analytics.track("Opened");
