// Each workload: async (env, name) -> plain result object. env = { page (origin), served }.
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { launch, sleep } from "./browser.mjs";
import { limit, open, revisit, trackAll, until, withRun } from "./harness.mjs";

const med = (a) => [...a].sort((x, y) => x - y)[a.length >> 1];
const pct = (a, p) =>
  [...a].sort((x, y) => x - y)[Math.min(a.length - 1, Math.floor(a.length * p))];

// W1: what the page really fetched as script/wasm before the first event reached the collector.
export const w1 = withRun(
  () => ({}),
  async (env, name, c, { b }) => {
    env.served.delete(name);
    const p = await open(env, b, name, c, 0);
    await p.evaluate("sdk.track('first', props(0))");
    await until(c, 1, 15000, 0);
    const files = [...env.served.get(name)].sort(),
      r = { files, raw: 0, gzip: 0, brotli: 0 };
    for (const f of files) {
      const buf = fs.readFileSync(path.join(env.dir, name, f));
      r.raw += buf.length;
      r.gzip += zlib.gzipSync(buf, { level: 9 }).length;
      r.brotli += zlib.brotliCompressSync(buf, {
        params: {
          [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
          [zlib.constants.BROTLI_PARAM_SIZE_HINT]: buf.length,
        },
      }).length;
    }
    return r;
  },
);

// W2: sync cost of track(), 10,000 calls (or 20 s), chunks of 50, a macrotask between chunks, collector answering after 2 s.
export const w2 = withRun(
  () => ({ delay: 2000 }),
  async (env, name, c, { b }) => {
    const p = await open(env, b, name, c, 1500, "?iso");
    const cdp = await b.ctx.newCDPSession(p);
    await cdp.send("Performance.enable");
    const busy = async () =>
      (await cdp.send("Performance.getMetrics")).metrics.find((m) => m.name === "TaskDuration")
        .value;
    const t0 = await busy();
    let chunks = [],
      stalled = false; // streamed over the console, so that a page that stops responding still leaves its numbers
    p.on("console", (m) => {
      if (m.text().startsWith("W2:")) chunks.push(...JSON.parse(m.text().slice(3)));
    });
    await limit(
      p.evaluate(async () => {
        const N = 10000,
          C = 50,
          begin = performance.now(),
          ev = Array.from({ length: N }, (_, i) => props(i)),
          out = [];
        for (let i = 0; i < N; i += C) {
          const s = performance.now();
          for (let k = i; k < i + C; k++) sdk.track("bench_event", ev[k]);
          out.push(((performance.now() - s) * 1000) / C);
          if (out.length === 4) console.debug("W2:" + JSON.stringify(out.splice(0)));
          await new Promise((r) => setTimeout(r));
          if (performance.now() - begin > 20000) break; // too slow for 10,000: reported as calls < 10,000
        }
      }),
      40000,
      "w2 loop",
    ).catch((e) => {
      stalled = e.message.startsWith("timeout");
      if (!stalled) throw e;
    });
    await limit(sleep(3000), 4000, "");
    const t1 = stalled ? NaN : await limit(busy(), 60000, "w2 busy");
    const calls = chunks.length * 50,
      d = c.score(calls);
    return {
      calls,
      stalled,
      median_us: med(chunks),
      p99_us: pct(chunks, 0.99),
      max_us: Math.max(...chunks),
      first1000_us: med(chunks.slice(0, 20)),
      last1000_us: med(chunks.slice(-20)),
      mainthread_us_per_event: ((t1 - t0) * 1e6) / calls,
      delivered_3s_after: d.delivered,
    };
  },
);

// W3: 200 events, then the page goes away: in the same task (navigate) or right after it (close, kill).
// Then the same origin is visited again with the SDK (persisted leftovers may arrive, or arrive twice).
const leave = (how) =>
  withRun(
    () => ({}),
    async (env, name, c, { b }) => {
      const p = await open(env, b, name, c);
      const cdp = await b.ctx.newCDPSession(p);
      await cdp
        .send("Runtime.evaluate", {
          expression: `for (let i = 0; i < 200; i++) sdk.track('bench_event', props(i));
    if ('${how}' === 'navigate') location.href = '/blank';
    if ('${how}'.startsWith('hidden')) {
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
      Object.defineProperty(document, 'hidden', { get: () => true });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }`,
        })
        .catch(() => {});
      // close / crash follow as soon as the tracking task has ended (Chromium kills a closing page that stays busy for 500 ms)
      if (how.endsWith("close")) await p.closeTarget().catch(() => {});
      if (how === "hidden+kill") p.goto("chrome://crash").catch(() => {});
      await sleep(1000);
      const left =
        how === "navigate"
          ? p.url().endsWith("/blank")
          : how === "hidden+kill"
            ? true
            : p.isClosed();
      await sleep(4000);
      const r = { ...c.score(200), left };
      await revisit(env, b, name, c);
      const next = await until(c, 200, 20000, 3000);
      return { ...r, next_delivered: next.delivered, next_dup: next.dup };
    },
  );
export const w3navigate = leave("navigate"),
  w3close = leave("close"),
  w3hidden = leave("hidden+close"),
  w3kill = leave("hidden+kill");

// W4: collector refuses connections for 5 s while 500 events are tracked.
export const w4online = withRun(
  () => ({}),
  async (env, name, c, { b }) => {
    const p = await open(env, b, name, c);
    await c.down();
    const t = Date.now();
    await p.evaluate(trackAll(500, 50, 300));
    await sleep(Math.max(0, 5000 - (Date.now() - t)));
    await c.up();
    return until(c, 500, 60000);
  },
);
export const w4reopen = withRun(
  () => ({}),
  async (env, name, c, box) => {
    const p = await open(env, box.b, name, c);
    await c.down();
    const t = Date.now();
    await p.evaluate(trackAll(500, 50, 300));
    await sleep(Math.max(0, 5000 - (Date.now() - t)));
    await p.closeTarget();
    await sleep(1000);
    await c.up();
    await sleep(500);
    const before = c.score(500).delivered;
    await revisit(env, box.b, name, c);
    return { ...(await until(c, 500, 60000)), before_reopen: before };
  },
);

// W5: the first event requests get 500, 500, 500, 429 (Retry-After: 2), then one never answered.
export const w5 = withRun(
  () => ({ faults: [500, 500, 500, 429, "stall"] }),
  async (env, name, c, { b }) => {
    const p = await open(env, b, name, c);
    await p.evaluate(trackAll(500, 50, 200));
    return until(c, 500, 90000, 5000);
  },
);

// W6: 500 events in ~1 s, then a crash; the same profile is opened again.
const crash = (how) =>
  withRun(
    () => ({}),
    async (env, name, c, box) => {
      const p = await open(env, box.b, name, c);
      await p.evaluate(trackAll(500, 10, 20));
      const before = c.score(500).delivered;
      if (how === "renderer") {
        p.goto("chrome://crash").catch(() => {});
        await sleep(1000);
      } else {
        await box.b.kill();
        box.b = await launch(box.b.dir);
      }
      await revisit(env, box.b, name, c);
      return { ...(await until(c, 500, 30000)), before_crash: before };
    },
  );
export const w6renderer = crash("renderer"),
  w6browser = crash("browser");

// W7: 100,000 small events, a macrotask every 1,000.
export const w7 = withRun(
  () => ({}),
  async (env, name, c, { b }) => {
    const N = +process.env.W7_N || 100000,
      p = await open(env, b, name, c),
      t0 = Date.now();
    const cdp = await b.ctx.newCDPSession(p);
    await cdp.send("Performance.enable");
    let heap = 0,
      crashed = false,
      loop_s = null,
      idle = 0,
      last = 0,
      wall = null;
    p.on("crash", () => {
      crashed = true;
    });
    p.evaluate(async (N) => {
      for (let i = 0; i < N; i++) {
        sdk.track("e", { id: i, bojack: "horseman" });
        if (i % 1000 === 999) await new Promise((r) => setTimeout(r));
      }
    }, N).then(
      () => {
        loop_s = (Date.now() - t0) / 1000;
      },
      () => {},
    );
    const poll = setInterval(
      () =>
        cdp.send("Performance.getMetrics").then(
          ({ metrics }) => {
            heap = Math.max(heap, metrics.find((m) => m.name === "JSHeapUsedSize").value);
          },
          () => {},
        ),
      500,
    );
    while (Date.now() - t0 < 120000 && !crashed) {
      await sleep(100);
      if (c.seen.size >= N) {
        wall = (c.lastAt - t0) / 1000;
        break;
      }
      if (c.seen.size !== last) {
        last = c.seen.size;
        idle = Date.now();
      }
      if (loop_s && idle && Date.now() - idle > 20000) break; // finished accepting and nothing new for 20 s
    }
    clearInterval(poll);
    return {
      ...c.score(N),
      wall_s: wall,
      last_s: c.lastAt ? (c.lastAt - t0) / 1000 : null,
      loop_s,
      heap_mb: +(heap / 1e6).toFixed(1),
      crashed,
      preflights: c.preflights,
      errors: c.errors.slice(0, 3),
    };
  },
);

// W8: script evaluation start -> first track() returned -> first event at the collector.
export const w8 = withRun(
  () => ({}),
  async (env, name, c, { b }) => {
    const p = await b.ctx.newPage(),
      o = JSON.stringify({ collector: c.origin, page: env.page, key: "bench" });
    await p.goto(`${env.page}/${name}/?iso&w8=${encodeURIComponent(o)}`);
    await p.waitForFunction("globalThis.t1", undefined, { timeout: 20000 });
    const t = await p.evaluate("({ t0, t1, origin: performance.timeOrigin })");
    await until(c, 1, 20000, 0);
    return {
      accepted_ms: t.t1 - t.t0,
      received_ms: c.firstAt ? c.firstAt - (t.origin + t.t0) : null,
    };
  },
);
