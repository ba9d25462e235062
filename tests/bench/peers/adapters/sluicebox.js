import { Analytics } from "../../../../pkg/dist/index.js";
export default ({ collector, key }) => {
  const analytics = new Analytics({
    writeKey: key,
    dataPlaneUrl: collector,
    flushInterval: 1000,
    queueSize: 200000,
    queueBytes: 200e6,
    batchSize: 500,
  });
  return { track: (name, props) => analytics.track(name, props) };
};
