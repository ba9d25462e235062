import { Analytics } from "sluicebox";
import { createServer } from "sluicebox/server";

const [writeKey, dataPlaneUrl] = Deno.args;
const server = createServer();
const listening = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, server.fetch);
const own = new Analytics({ writeKey, dataPlaneUrl: `http://127.0.0.1:${listening.addr.port}` });
own.track("Opened");
await own.close();
const [{ event }] = await server.items({ stream: writeKey });
await listening.shutdown();

const analytics = new Analytics({ writeKey, dataPlaneUrl });
analytics.track(event);
await analytics.close();
