import { OpenPanel } from "@openpanel/web";
export default ({ collector, key }) => {
  const op = new OpenPanel({
    apiUrl: collector,
    clientId: key,
    trackScreenViews: false,
    trackOutgoingLinks: false,
    trackAttributes: false,
  });
  return {
    track: (n, p) => {
      op.track(n, p);
    },
  };
};
