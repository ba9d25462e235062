// The floor with what RudderStack's protocol wants in each event: what Analytics sends, by hand.
import floor from "./floor.js";

export default (options) => {
  const { track } = floor(options);
  const { language, userAgent, userAgentData } = navigator;
  const { width, height } = screen;
  const context = {
    traits: {},
    sessionId: Date.now(),
    library: { name: "floor", version: "0.1.0" },
    userAgent,
    "ua-ch": userAgentData,
    locale: language,
    timezone: "GMT+0000",
    screen: { width, height, density: devicePixelRatio, innerWidth, innerHeight },
    campaign: {},
    page: {
      path: location.pathname,
      referrer: "$direct",
      referring_domain: "",
      search: location.search,
      title: document.title,
      url: location.href,
      tab_url: location.href,
      initial_referrer: "$direct",
      initial_referring_domain: "",
    },
  };
  const all = { channel: "web", anonymousId: crypto.randomUUID(), integrations: { All: true } };
  return {
    track: (event, properties) => {
      const messageId = crypto.randomUUID();
      const originalTimestamp = new Date().toISOString();
      track(event, { messageId, originalTimestamp, properties, ...all, context });
    },
  };
};
