// Hand-written minimum: array of JSON strings, timer flush by fetch, beacons at pagehide. No storage, no backoff.
export default ({ collector }) => {
  const url = collector + "/floor",
    max = 500;
  let q = [],
    timer = 0,
    busy = false;
  const later = () => {
    timer ||= setTimeout(flush, 1000);
  };
  async function flush() {
    timer = 0;
    if (busy || !q.length) return;
    busy = true;
    const b = q.splice(0, max);
    let ok = false;
    try {
      ok = (await fetch(url, { method: "POST", body: "[" + b + "]" })).ok;
    } catch {}
    busy = false;
    if (!ok) {
      q = b.concat(q);
      later();
    } else if (q.length >= max) flush();
    else if (q.length) later();
  }
  addEventListener("pagehide", () => {
    while (q.length) if (!navigator.sendBeacon(url, "[" + q.splice(0, 50) + "]")) break;
  });
  return {
    track(event, properties) {
      q.push(JSON.stringify({ event, properties, ts: Date.now() }));
      if (q.length >= max && !busy) flush();
      else later();
    },
  };
};
