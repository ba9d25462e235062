import { Analytics } from "sluicebox";
import { createServer } from "sluicebox/server";

const server = createServer();

export default {
  async fetch(request) {
    const given = new URL(request.url).searchParams;
    const writeKey = given.get("key");
    // The server of this Worker, asked without a network, says what is sent on.
    const fetch = (url, init) => server.fetch(new Request(url, init));
    const own = new Analytics({ writeKey, dataPlaneUrl: "https://events.example", fetch });
    own.track("Opened");
    await own.flush();
    const [{ event }] = await server.items({ stream: writeKey });
    const analytics = new Analytics({ writeKey, dataPlaneUrl: given.get("to") });
    analytics.track(event);
    return Response.json(await analytics.flush());
  },
};
