import { Collector } from "../../../../pkg/dist/index.js";
export default ({ collector, key }) => {
  const stride = new Collector(key, {
    endpoint: collector,
    flushInterval: 1000,
    queueSize: 200000,
    queueBytes: 200e6,
    batchSize: 500,
  });
  stride.start();
  return { track: (name, props) => stride.collect(name, props) };
};
