import { AnalyticsBrowser } from "@segment/analytics-next";
export default (
  { collector, page, key },
  deliveryStrategy = { strategy: "batching", config: { size: 100, timeout: 1000 } },
) => {
  const a = AnalyticsBrowser.load(
    { writeKey: key, cdnURL: page + "/segment" },
    {
      integrations: {
        "Segment.io": { apiHost: collector.slice(7) + "/v1", protocol: "http", deliveryStrategy },
      },
    },
  );
  return {
    track: (n, p) => {
      a.track(n, p);
    },
  };
};
