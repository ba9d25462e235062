import mixpanel from "mixpanel-browser/src/loaders/loader-module-core"; // documented entry without session replay
export default ({ collector, key }) => {
  mixpanel.init(key, {
    api_host: collector,
    api_payload_format: "json",
    batch_requests: true,
    batch_size: 40,
    batch_flush_interval_ms: 1000, // 40 fit in one 64 KiB beacon
    batch_request_timeout_ms: 10000,
    track_pageview: false,
    autocapture: false,
    record_sessions_percent: 0,
    flags: false,
    persistence: "localStorage",
    ignore_dnt: true,
  });
  return {
    track: (n, p) => {
      mixpanel.track(n, p);
    },
  };
};
