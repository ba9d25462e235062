// Navigations within a page, as single-page apps make them.

/** Counts restorations from the back/forward cache: each is a visit of the same page. */
let restored = 0;
/** By client, what was counted last: a second client of the same key, as React's StrictMode makes one, counts nothing twice. */
const counted = {};

/** Calls back for the page and each navigation in it, once each; gives back what ends that. */
export function watchNavigation(client, seen) {
  let timer;
  const look = () => {
    clearTimeout(timer);
    // A page that is made ahead of time is seen when it is activated, if ever.
    if (document.prerendering) return;
    // A fragment is a place in the page, unless the app routes by it.
    const where = restored + location.href.replace(/#(?![/!]).*/, "");
    if (counted[client] === where) return;
    counted[client] = where;
    seen();
  };
  // A moment later the app has set the new title; a page that goes away does not wait for it.
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look);
  };
  const shown = (event) => {
    // Each client hears of it.
    if (event.persisted) restored = event.timeStamp;
    look();
  };
  const ends = [];
  const on = (target, name, listener) => {
    target.addEventListener(name, listener);
    ends.push(() => target.removeEventListener(name, listener));
  };
  if (globalThis.navigation) {
    on(navigation, "currententrychange", soon);
  } else {
    for (const name of ["pushState", "replaceState"]) ends.push(wrap(history, name, soon));
    on(globalThis, "popstate", soon);
    on(globalThis, "hashchange", soon);
  }
  on(globalThis, "pagehide", look);
  on(globalThis, "pageshow", shown);
  on(document, "prerenderingchange", look);
  look();
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}

function wrap(object, name, after) {
  const original = object[name];
  const wrapped = function (...args) {
    const result = original.apply(this, args);
    after();
    return result;
  };
  object[name] = wrapped;
  return () => {
    // Whoever wrapped it after us keeps working.
    if (object[name] === wrapped) object[name] = original;
    after = () => {};
  };
}
