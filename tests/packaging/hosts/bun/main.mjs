import { Analytics } from "sluicebox";
import { createServer } from "sluicebox/server";

const [writeKey, dataPlaneUrl] = process.argv.slice(2);
const server = createServer();
const listening = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: server.fetch });
const own = new Analytics({ writeKey, dataPlaneUrl: String(listening.url) });
own.track("Opened");
await own.close();
const [{ event }] = await server.items({ stream: writeKey });
await listening.stop(true);

const analytics = new Analytics({ writeKey, dataPlaneUrl });
analytics.track(event);
await analytics.close();
