// The page, as RudderStack's browser SDK describes it.

/** Whether there is one. */
export const hasPage = () => !!globalThis.document;

/** Whether the visitor's browser says "do not sell or share" (Global Privacy Control). */
export const hasGpc = () => !!globalThis.navigator?.globalPrivacyControl;

/** Where the page is, { URL, title }: `location.href` says the same and takes ten times as long. */
export const place = () => document;

/** The context that events have by themselves. */
export function automatic() {
  const { language, userAgent, userAgentData } = navigator;
  const { screen, innerWidth, innerHeight, devicePixelRatio } = globalThis;
  const campaign = {};
  for (const [name, value] of new URLSearchParams(location.search)) {
    const key = /^utm_(.+)/.exec(name)?.[1];
    if (key) campaign[key === "campaign" ? "name" : key] = value;
  }
  return {
    userAgent,
    "ua-ch": userAgentData,
    locale: language,
    timezone: /[A-Z]+[+-]\d+/.exec(new Date())?.[0],
    screen: {
      width: screen?.width,
      height: screen?.height,
      density: devicePixelRatio,
      innerWidth,
      innerHeight,
    },
    campaign,
    page: page(),
  };
}

/** Where the visitor came from: the referrer, and its host. */
export function referrer() {
  const from = document.referrer;
  return [from || "$direct", parsed(from)?.host ?? ""];
}

function page() {
  const { pathname, href, search } = location;
  const [from, referring_domain] = referrer();
  // A canonical link says what the page is called, wherever it was opened.
  const link = document.querySelector("link[rel=canonical]")?.getAttribute("href");
  const canonical = link && parsed(link);
  const url = canonical ? link + (canonical.search ? "" : search) : href;
  return {
    path: canonical ? canonical.pathname : pathname,
    referrer: from,
    referring_domain,
    search,
    title: document.title,
    url: url.split("#")[0],
    tab_url: href,
  };
}

function parsed(url) {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}
