// The life of a page: seen, hidden, frozen, gone, and back from the back/forward cache. Never
// `unload` or `beforeunload`, which keep a page out of that cache.

/** Tells the core; false where there is no page. */
export function watchLife(core) {
  const { document, addEventListener } = globalThis;
  if (!document || !addEventListener) return false;
  const on = (name, listener, target = globalThis) => target.addEventListener(name, listener);
  const isHidden = () => document.visibilityState === "hidden";
  on("visibilitychange", () => (isHidden() ? core.hide() : core.show()), document);
  on("pagehide", ({ persisted }) => {
    core.hide();
    if (persisted) core.freeze();
  });
  on("pageshow", ({ persisted }) => {
    if (persisted) core.thaw();
    if (!isHidden()) core.show();
  });
  // A hidden page may be stopped, and be ended without another word.
  on("freeze", () => core.freeze(), document);
  on("resume", () => core.thaw(), document);
  on("online", () => core.online());
  return true;
}
