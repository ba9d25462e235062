// What the workloads share: open a page with an SDK, visit again, wait for arrivals, one browser and collector per run.
import { collector } from "./server.mjs";
import { launch, sleep } from "./browser.mjs";

export const limit = (p, ms, what) =>
  Promise.race([
    p,
    sleep(ms).then(() => {
      throw new Error("timeout: " + what);
    }),
  ]);

export async function open(env, b, name, c, warm = 1500, query = "") {
  const got = b.ctx.waitForEvent("page"),
    cdp = await b.ctx.browser().newBrowserCDPSession();
  const { targetId } = await cdp.send("Target.createTarget", {
    url: `${env.page}/${name}/${query}`,
  });
  const p = await got;
  p.closeTarget = () => cdp.send("Target.closeTarget", { targetId }); // like a user closing the tab (runs pagehide)
  await p.waitForFunction("globalThis.start");
  await p.evaluate(
    async (o) => {
      globalThis.sdk = await start(o);
    },
    { collector: c.origin, page: env.page, key: "bench" },
  );
  await sleep(warm);
  return p;
}
// A later visit: like a page view, one more event (not counted) wakes up SDKs that only look at their stored queue then.
export const revisit = async (env, b, name, c) =>
  (await open(env, b, name, c, 0)).evaluate("sdk.track('visit', props(900000))");
// Waits until all n ids arrived (then `settle` more, for late duplicates) or ms passed; gives seconds until the last new arrival.
export async function until(c, n, ms, settle = 3000) {
  const t0 = Date.now();
  while (Date.now() - t0 < ms && c.score(n).delivered < n) await sleep(100);
  const secs = +((c.lastAt ? Math.max(0, c.lastAt - t0) : 0) / 1000).toFixed(1);
  if (c.score(n).delivered === n) await sleep(settle);
  return { ...c.score(n), lastArrival_s: secs, statuses: c.statuses, errors: c.errors.slice(0, 3) };
}
export const withRun = (opts, fn) => async (env, name) => {
  const c = await collector(opts()),
    box = { b: await launch() };
  try {
    return await fn(env, name, c, box);
  } finally {
    await box.b.close();
    await c.down();
  }
};
// tracks `n` events, `per` every `gap` ms (per = n: all in one task)
export const trackAll = (n, per, gap) =>
  `(async () => { for (let i = 0; i < ${n}; i++) { sdk.track('bench_event', props(i)); if ((i + 1) % ${per} === 0 && i + 1 < ${n}) await new Promise((r) => setTimeout(r, ${gap})); } })()`;
