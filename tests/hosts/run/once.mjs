// One event, and the process is free to end: prints when it was.
import { Analytics } from "sluicebox";

const [dataPlaneUrl] = globalThis.Deno?.args ?? process.argv.slice(2);
const analytics = new Analytics({ writeKey: "wk", dataPlaneUrl });
analytics.track("Once");
const { delivered } = await analytics.close();
console.log(JSON.stringify({ delivered, at: Date.now() }));
