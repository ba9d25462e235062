// Nothing is allowed: what it constructs must need nothing.
import { Analytics, Collector, StreamClient, Streamer, Stride } from "sluicebox";
import { createServer } from "sluicebox/server";

const endpoint = "http://127.0.0.1";
new Analytics({ writeKey: "key", dataPlaneUrl: endpoint });
new Collector("key", { endpoint });
new Streamer({ accessKey: "key", endpoint });
new Stride("key", { endpoint });
new StreamClient(endpoint);
createServer();
console.log("constructed");
