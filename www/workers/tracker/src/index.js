// A Worker that tracks what it serves. One client serves all requests; each request stays until what
// it tracked is delivered, and its answer does not wait for that.

import { Analytics } from "sluicebox";

let analytics;

export default {
  fetch(request, env, ctx) {
    analytics ??= new Analytics({ writeKey: env.WRITE_KEY, dataPlaneUrl: env.DATA_PLANE_URL });
    analytics.track("Requested", { path: new URL(request.url).pathname });
    ctx.waitUntil(analytics.flush());
    return new Response("Hello\n");
  },
};
