// What JavaScript does better itself. Nothing here runs at import.

export const monotonicNow = () => globalThis.performance?.now() ?? Date.now();

export const entropy = () => globalThis.crypto.getRandomValues(new Uint32Array(4));

/** `JSON.stringify` that never throws; "" for what JSON cannot say (undefined, a function). */
export function stringify(value) {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return JSON.stringify(total(value, [])) ?? "";
  }
}

// The slow path, for values JSON.stringify refuses: BigInt becomes text, a cycle or a getter that
// throws becomes null, everything else stays as JSON.stringify has it.
function total(value, path) {
  try {
    if (typeof value === "bigint") return String(value);
    if (value === null || typeof value !== "object") return value;
    if (path.includes(value)) return null;
    if (typeof value.toJSON === "function") return total(value.toJSON(), [...path, value]);
    if (ArrayBuffer.isView(value) || value instanceof Number || value instanceof String) {
      return JSON.parse(JSON.stringify(value));
    }
    const inner = [...path, value];
    if (Array.isArray(value)) return value.map((item) => total(item, inner));
    const copy = Object.create(null);
    for (const key of Object.keys(value)) {
      try {
        copy[key] = total(value[key], inner);
      } catch {
        copy[key] = null;
      }
    }
    return copy;
  } catch {
    return null;
  }
}

/** undefined when the text is not JSON. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The values of "[a,\nb,\nc]"; a malformed one is left out. */
export function parseFrames(bytes) {
  const text = new TextDecoder().decode(bytes);
  const all = parse(text);
  if (all) return all;
  return text
    .slice(1, -1)
    .split(",\n")
    .map(parse)
    .filter((value) => value !== undefined);
}

/** null where the runtime cannot compress. */
export function gzip(text) {
  if (!globalThis.CompressionStream) return null;
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

export const ledger = (accepted, delivered, rejected, expired, dropped, pending) => ({
  accepted,
  delivered,
  rejected,
  expired,
  dropped,
  pending,
});

export const response = (statusCode, data) => ({ statusCode, data });
export const result = (value, done) => ({ value, done });

/** Calls back for "hide", "show" and "online"; does nothing where there is no page. */
export function watchPage(callback) {
  const { document, addEventListener } = globalThis;
  if (typeof addEventListener !== "function") return;
  addEventListener("online", () => callback("online"));
  if (!document) return;
  const changed = () => callback(document.visibilityState === "hidden" ? "hide" : "show");
  document.addEventListener("visibilitychange", changed);
  addEventListener("pagehide", () => callback("hide"));
  addEventListener("pageshow", changed);
}

export const hasPage = () => !!globalThis.document;

/** Page context of the RudderStack browser SDK; nothing where there is no page. */
function page() {
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

/** As the RudderStack browser SDK: a page's properties repeat its context, name and category. */
export const pageProperties = (properties, name, category, isPage) =>
  stringify({ ...(isPage && page()), name, category, ...properties });

export const context = (base, given, isPage) =>
  stringify({ page: isPage ? page() : undefined, ...given, ...JSON.parse(base) });

/** A user's callback must not break us, nor we the page. */
export function callQuietly(callback, ...values) {
  try {
    callback(...values);
  } catch (error) {
    console.error(error);
  }
}
