// Whether a request brings a key at all. What the key may do is decided by the object.

/** `apiKeys` is JSON; without it everybody may enter. */
export function mayEnter(request, apiKeys) {
  if (!apiKeys) return true;
  const keys = JSON.parse(apiKeys);
  const { searchParams } = new URL(request.url);
  const given = [
    userOf(request),
    request.headers.get("x-is-accesskey"),
    ...["writeKey", "accessKey", "key"].map((name) => searchParams.get(name)),
  ];
  return given.some((key) => key && Object.hasOwn(keys, key));
}

/** The user of Basic authentication, or a Bearer token: with RudderStack the write key. */
export function userOf(request) {
  const [scheme, value = ""] = (request.headers.get("authorization") ?? "").split(" ");
  if (/^bearer$/i.test(scheme)) return value || undefined;
  if (!/^basic$/i.test(scheme)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
    return new TextDecoder().decode(bytes).split(":")[0] || undefined;
  } catch {
    return undefined;
  }
}
