import posthog from "posthog-js";
export default ({ collector, key }) => {
  posthog.init(key, {
    api_host: collector,
    persistence: "localStorage",
    request_queue_config: { flush_interval_ms: 1000 },
    rate_limiting: { events_per_second: 1e6, events_burst_limit: 1e6 },
    opt_out_useragent_filter: true,
    autocapture: false,
    capture_pageview: false,
    capture_pageleave: false,
    capture_performance: false,
    capture_dead_clicks: false,
    capture_exceptions: false,
    capture_heatmaps: false,
    disable_session_recording: true,
    disable_surveys: true,
    disable_web_experiments: true,
    disable_product_tours: true,
    disable_conversations: true,
    disable_external_dependency_loading: true,
    advanced_disable_flags: true,
    advanced_disable_feature_flags: true,
  });
  return {
    track: (n, p) => {
      posthog.capture(n, p);
    },
  };
};
