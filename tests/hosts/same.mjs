// What two runs against the recorder must have in common, and what may differ.

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;
const NOW = /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** Members of an event's context that a page alone can tell. */
const OF_PAGES = [
  ...["campaign", "locale", "page", "screen", "sessionId", "sessionStart", "timezone"],
  ...["ua-ch", "userAgent"],
];
const PAGE_PROPERTIES = [
  ...["initial_referrer", "initial_referring_domain", "path", "referrer", "referring_domain"],
  ...["search", "tab_url", "title", "url"],
];

/** The headers that are ours; connections, user agents and origins are the runtime's own. */
const HEADERS = [
  "accept",
  "authorization",
  "content-encoding",
  "content-type",
  "anonymousid",
  "accept-version",
  "x-is-accesskey",
  "x-is-bucketkey",
];

/** Random ids by the order in which they appear, moments as such, a page's own words left out. */
export function comparable(requests) {
  const ids = new Map();
  const named = (id) => {
    if (!ids.has(id)) ids.set(id, `<id ${ids.size + 1}>`);
    return ids.get(id);
  };
  return requests.map(({ method, path, headers, body }) => {
    const ours = Object.fromEntries(HEADERS.map((name) => [name, headers[name]]));
    // Short bodies are not worth compressing, and a page's events say more.
    if (path.endsWith("/v1/batch")) delete ours["content-encoding"];
    const text = JSON.stringify({ method, path, headers: ours, body }, withoutPage);
    return JSON.parse(text.replace(UUID, named).replace(NOW, "<now>"));
  });
}

function withoutPage(name, value) {
  if (name === "channel") return "<web or server>";
  if (name === "properties") return without(value, PAGE_PROPERTIES);
  if (name === "context") return without(value, OF_PAGES);
  // A page has one visitor, so what it knows of that one goes with every event.
  if (value?.type === "alias") value = { ...value, context: without(value.context, ["traits"]) };
  return value?.userId ? without(value, ["anonymousId"]) : value;
}

const without = (value, names) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
