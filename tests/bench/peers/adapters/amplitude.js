import * as amplitude from "@amplitude/analytics-browser";
export default ({ collector, key }) => {
  amplitude.init(key, {
    serverUrl: collector + "/2/httpapi",
    autocapture: false,
    fetchRemoteConfig: false,
    enableDiagnostics: false,
    logLevel: 0,
    flushIntervalMillis: 1000,
    flushMaxRetries: 100, // flushQueueSize stays 30: a batch must fit in one 64 KiB beacon
  });
  // the documented recipe for unload
  addEventListener("pagehide", () => {
    amplitude.setTransport("beacon");
    amplitude.flush();
  });
  return {
    track: (n, p) => {
      amplitude.track(n, p);
    },
  };
};
