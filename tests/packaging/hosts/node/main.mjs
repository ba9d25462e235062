import { Analytics } from "sluicebox";
import { serve } from "sluicebox/node";
import { createServer } from "sluicebox/server";

const [writeKey, dataPlaneUrl] = process.argv.slice(2);
const server = createServer();
const listening = await serve(server, { port: 0 });
const own = new Analytics({ writeKey, dataPlaneUrl: listening.url });
own.track("Opened");
await own.close();
const [{ event }] = await server.items({ stream: writeKey });
await listening.close();

const analytics = new Analytics({ writeKey, dataPlaneUrl });
analytics.track(event);
await analytics.close();
