import { RudderAnalytics } from "@rudderstack/analytics-js/bundled";
// 'bundled' = plugins inside the bundle (the default entry loads them from a CDN). XhrQueue is the retrying, localStorage-persisted transport.
export default ({ collector, page, key }) => {
  const ra = new RudderAnalytics();
  ra.load(key, collector, {
    configUrl: page + "/rudder",
    loadIntegration: false,
    plugins: ["XhrQueue"],
    logLevel: "NONE",
    queueOptions: { maxItems: 10000, batch: { enabled: true, maxItems: 100, flushInterval: 1000 } },
  });
  return { track: (n, p) => ra.track(n, p) };
};
