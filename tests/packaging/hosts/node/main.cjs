const { Analytics } = require("sluicebox");
const { serve } = require("sluicebox/node");
const { createServer } = require("sluicebox/server");

async function main(writeKey, dataPlaneUrl) {
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
}

main(...process.argv.slice(2));
