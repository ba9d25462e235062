/** Page context of the RudderStack browser SDK; undefined where there is no page. */
export function page() {
  const { document, location } = globalThis;
  if (!document || !location) return undefined;
  const { referrer, title } = document;
  let referring_domain = "";
  try {
    referring_domain = new URL(referrer).host;
  } catch {}
  return {
    path: location.pathname,
    referrer: referrer || "$direct",
    referring_domain,
    search: location.search,
    title,
    url: location.href.split("#")[0],
    tab_url: location.href,
  };
}
