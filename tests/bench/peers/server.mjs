// Two kinds of servers on 127.0.0.1: one page server (bundles + vendor config JSON), and one collector per run.
import http from "node:http";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";

const listen = (s, port = 0) =>
  new Promise((r) => s.listen(port, "127.0.0.1", () => r(s.address().port)));

// ---- page server -----------------------------------------------------------------------------------------------
// Defines props() for the workloads; W8 pages start the SDK as soon as the bundle has been evaluated.
const html = (name, w8) => `<!doctype html><meta charset=utf-8><title>${name}</title><script>
globalThis.props = (i) => ({ id: i, bojack: 'horseman', plan: 'pro', price: 19.99, currency: 'EUR', title: 'Žluťoučký kůň – 東京 🦄',
  tags: ['alpha', 'beta', 'gamma-' + (i % 10)], cart: { sku: 'SKU-' + i, qty: 2, dims: [10.5, 20.25, 3] }, ok: true,
  url: 'https://shop.example.com/catalog/item?utm_source=mail&utm_campaign=spring', coupon: null });
${w8 ? `globalThis.onStart = async (start) => { const sdk = globalThis.sdk = await start(${w8}); sdk.track('first', props(0)); globalThis.t1 = performance.now(); };` : ""}
</script><script type=module src="/${name}/main.js"></script>`;

const rudderConfig = (key) => ({
  source: {
    id: "s1",
    name: "bench",
    writeKey: key,
    enabled: true,
    workspaceId: "w1",
    connections: [],
    destinations: [],
    config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
  },
  updatedAt: "2024-01-01T00:00:00.000Z",
});

export async function pageServer(dir) {
  const served = new Map(); // adapter -> set of files sent (for W1)
  const srv = http.createServer((req, res) => {
    const u = new URL(req.url, "http://x"),
      [, a, f] = u.pathname.split("/");
    const send = (type, body) =>
      res
        .writeHead(200, {
          "content-type": type,
          "cache-control": "no-store",
          "access-control-allow-origin": "*",
          ...(u.searchParams.has("iso") || f?.endsWith("js")
            ? {
                "cross-origin-opener-policy": "same-origin",
                "cross-origin-embedder-policy": "require-corp",
              }
            : {}),
        })
        .end(body);
    if (a === "blank") return send("text/html", "<!doctype html>");
    if (a === "rudder" && f === "sourceConfig")
      return send("application/json", JSON.stringify(rudderConfig("bench")));
    if (a === "segment" && f === "v1")
      return send(
        "application/json",
        '{"integrations":{"Segment.io":{"apiKey":"bench"}},"plan":{"track":{"__default":{"enabled":true}}}}',
      );
    const file = path.join(dir, a, f || "");
    if (!f) return send("text/html", html(a, u.searchParams.get("w8")));
    if (!fs.existsSync(file)) return res.writeHead(404).end();
    (served.get(a) ?? served.set(a, new Set()).get(a)).add(f);
    const body = fs.readFileSync(file);
    if (f.endsWith(".wasm")) return send("application/wasm", body);
    send("text/javascript", "globalThis.t0??=performance.now();" + body); // start of script evaluation
  });
  const port = await listen(srv);
  return { origin: `http://127.0.0.1:${port}`, served, close: () => srv.close() };
}

// ---- collector ---------------------------------------------------------------------------------------------------
// Every workload event carries {id: <number>, bojack: 'horseman'} somewhere; decoding finds them in each SDK's wire format.
function walk(v, out) {
  if (typeof v === "string") {
    if (v.startsWith("{") && v.includes("horseman")) walk(JSON.parse(v), out);
    return;
  } // snowplow ue_pr
  if (!v || typeof v !== "object") return;
  if (v.bojack === "horseman") {
    out.push(v.id);
    return;
  }
  for (const k in v) walk(v[k], out);
}
export function decode(buf, req) {
  if (buf[0] === 0x1f && buf[1] === 0x8b) buf = zlib.gunzipSync(buf); // posthog ?compression=gzip-js, amplitude content-encoding
  let text = buf.toString();
  if (text.startsWith("data=")) {
    text = new URLSearchParams(text).get("data");
    if (!/^[[{]/.test(text)) text = Buffer.from(text, "base64").toString();
  } // posthog/mixpanel forms
  const out = [];
  if (text) walk(JSON.parse(text), out);
  return out;
}

const OK = JSON.stringify({
  ok: true,
  success: true,
  status: 1,
  error: null,
  code: 200,
  events_ingested: 1,
  deviceId: "d",
  sessionId: "s",
});

export async function collector({ delay = 0, faults = [] } = {}) {
  const c = {
    seen: new Map(),
    requests: 0,
    preflights: 0,
    bytes: 0,
    errors: [],
    statuses: {},
    firstAt: 0,
    lastAt: 0,
    faults,
  };
  const socks = new Set();
  const handler = (req, res) => {
    const cors = {
      "access-control-allow-origin": req.headers.origin || "*",
      "access-control-allow-credentials": "true",
      "access-control-max-age": "600",
      "access-control-allow-headers": req.headers["access-control-request-headers"] || "*",
      "access-control-allow-methods": "GET,POST,OPTIONS",
      "access-control-expose-headers": "Retry-After",
      "cross-origin-resource-policy": "cross-origin",
    };
    if (req.method === "OPTIONS") {
      c.preflights++;
      return res.writeHead(204, cors).end();
    }
    const parts = [];
    req.on("error", () => {});
    req.on("data", (d) => parts.push(d));
    req.on("end", () => {
      const buf = Buffer.concat(parts);
      let ids = [];
      try {
        ids = decode(buf, req);
      } catch (e) {
        c.errors.push(`${req.url} ${e.message} ${buf.subarray(0, 80)}`);
      }
      if (!ids.length)
        return res.writeHead(200, { ...cors, "content-type": "application/json" }).end(OK); // vendor chatter, not events
      c.requests++;
      c.bytes += buf.length;
      const fault = c.faults.shift(); // 500 | 429 | 'stall'
      c.statuses[fault ?? 200] = (c.statuses[fault ?? 200] || 0) + 1;
      if (fault === "stall") return; // hold the request open, never answer
      if (fault)
        return res
          .writeHead(fault, {
            ...cors,
            "content-type": "application/json",
            ...(fault === 429 ? { "retry-after": "2" } : {}),
          })
          .end(`{"code":${fault},"error":"injected","status":0}`);
      const now = Date.now();
      c.firstAt ||= now;
      c.lastAt = now;
      for (const id of ids) c.seen.set(id, (c.seen.get(id) || 0) + 1);
      setTimeout(
        () => res.writeHead(200, { ...cors, "content-type": "application/json" }).end(OK),
        delay,
      );
    });
  };
  let srv, port;
  c.up = async () => {
    srv = http.createServer(handler).on("connection", (s) => {
      socks.add(s);
      s.on("close", () => socks.delete(s));
    });
    srv.keepAliveTimeout = 120000;
    srv.requestTimeout = 0;
    port = await listen(srv, port);
    c.origin = `http://127.0.0.1:${port}`;
  };
  c.down = () =>
    new Promise((r) => {
      srv.close(r);
      for (const s of socks) s.destroy();
    });
  c.score = (n) => {
    let delivered = 0,
      dup = 0;
    for (let i = 0; i < n; i++) {
      const k = c.seen.get(i) || 0;
      if (k) delivered++;
      if (k > 1) dup += k - 1;
    }
    return { sent: n, delivered, lost: n - delivered, dup, requests: c.requests, bytes: c.bytes };
  };
  await c.up();
  return c;
}
