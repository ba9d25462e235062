import { newTracker, trackSelfDescribingEvent } from "@snowplow/browser-tracker";
// bufferSize has no timer: a queue below it waits for the next event or page hide, so 1 (default) is the reliable setting.
export default ({ collector }) => {
  newTracker("sp", collector, {
    appId: "bench",
    eventMethod: "post",
    bufferSize: 1,
    maxPostBytes: 60000,
    encodeBase64: false,
    keepalive: false,
    maxLocalStorageQueueSize: 10000,
    connectionTimeout: 5000,
    stateStorageStrategy: "cookieAndLocalStorage",
  });
  return {
    track: (n, data) =>
      trackSelfDescribingEvent({ event: { schema: `iglu:bench/${n}/jsonschema/1-0-0`, data } }),
  };
};
