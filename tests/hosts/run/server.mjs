// The stream server as a Worker.
import { createServer, memory } from "sluicebox/server";

const server = createServer({ store: memory({ keys: ["event"] }) });

export default { fetch: server.fetch };
