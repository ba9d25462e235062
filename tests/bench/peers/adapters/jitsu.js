import { jitsuAnalytics } from "@jitsu/js";
export default ({ collector, key }) => {
  const a = jitsuAnalytics({ host: collector, writeKey: key, fetchTimeoutMs: 10000 });
  return {
    track: (n, p) => {
      a.track(n, p);
    },
  };
};
