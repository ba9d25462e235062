// results.json -> results.md (also: node report.mjs [results.json])
import fs from "node:fs";
import { fileURLToPath } from "node:url";

const med = (a) => {
  const v = a.filter((x) => typeof x === "number").sort((x, y) => x - y);
  return v.length ? v[v.length >> 1] : null;
};
export const f = (x) =>
  x == null
    ? "–"
    : Math.abs(x) >= 100
      ? Math.round(x).toLocaleString("en")
      : +x.toPrecision(3) + "";
export const kb = (x) => f(x / 1024);
const x = (v, base) => (v == null || !base ? "–" : f(v / base) + "x");
const span = (v) => {
  const a = Math.min(...v),
    b = Math.max(...v);
  return !v.length ? "–" : a === b ? f(a) : `${f(a)}..${f(b)}`;
};
export const rng = (g, k) => span(g.ok.map((r) => r[k]).filter((v) => v != null));

// get(workload, SDK): its repeats; table(workload, title, column heads, group -> cells after the name)
export function tables(title, { runs, versions, machine }) {
  const out = [
    `# ${title}`,
    "",
    `${machine.cpu}, ${machine.cores} cores, node ${machine.node}. Versions: ${Object.entries(
      versions,
    )
      .map(([k, v]) => `${k} ${v}`)
      .join(", ")}.`,
    "",
    "Medians over the repeats; a range `a..b` = smallest..largest over repeats. `x floor` = ratio to the hand-written floor.",
    "",
  ];
  const names = ["floor", ...new Set(Object.values(runs).flatMap(Object.keys))].filter(
    (n, i, a) => a.indexOf(n) === i,
  );
  const get = (w, n) => {
    const a = runs[w]?.[n];
    if (!a?.length) return null;
    const ok = a.filter((r) => !r.failed);
    return {
      ok,
      failed: a.find((r) => r.failed)?.failed,
      m: (k) => med(ok.map((r) => r[k])),
      n: a.length,
    };
  };
  const table = (w, heading, heads, fn) => {
    const groups = names.map((n) => [n, get(w, n)]).filter(([, g]) => g);
    if (!groups.length) return;
    const body = groups.map(([n, g]) =>
      g.ok.length ? [n, ...fn(g)] : [n, `failed: ${g.failed}`, ...Array(heads.length - 2).fill("")],
    );
    const loads = groups.flatMap(([, g]) => g.ok.map((r) => r.load ?? NaN));
    out.push(
      `## ${heading}`,
      "",
      `Repeats ${span(groups.map(([, g]) => g.n))}; load average when a run began ${loads.some(Number.isNaN) ? "not recorded" : span(loads)}.`,
      "",
      `| ${heads.join(" | ")} |`,
      `|${heads.map((_, i) => (i ? "--:" : "---")).join("|")}|`,
      ...body.map((r) => `| ${r.join(" | ")} |`),
      "",
    );
  };
  return { out, get, table };
}

export function report(results) {
  const { out, get, table } = tables("Peer SDK measurements", results);

  table(
    "w1",
    "W1 size (all script/wasm fetched before the first event)",
    ["SDK", "raw KiB", "gzip -9 KiB", "brotli-11 KiB", "brotli bytes", "files"],
    (g) => [
      kb(g.m("raw")),
      kb(g.m("gzip")),
      kb(g.m("brotli")),
      g.m("brotli"),
      g.ok[0].files.length,
    ],
  );
  const b2 = get("w2", "floor");
  table(
    "w2",
    "W2 synchronous cost of track(), µs per call (10,000 calls or 20 s; collector answers after 2 s)",
    [
      "SDK",
      "calls done",
      "median",
      "p99",
      "max chunk",
      "first 1,000",
      "last 1,000",
      "growth",
      "median x floor",
      "all main-thread work µs/event",
      "x floor",
    ],
    (g) => [
      f(g.m("calls")) +
        (g.ok.some((r) => r.stalled) ? " (page stopped responding for > 40 s)" : ""),
      f(g.m("median_us")),
      f(g.m("p99_us")),
      f(g.m("max_us")),
      f(g.m("first1000_us")),
      f(g.m("last1000_us")),
      x(g.m("last1000_us"), g.m("first1000_us")),
      x(g.m("median_us"), b2?.m("median_us")),
      f(g.m("mainthread_us_per_event")),
      x(g.m("mainthread_us_per_event"), b2?.m("mainthread_us_per_event")),
    ],
  );
  for (const [w, t] of [
    ["w3navigate", "W3a unload: 200 events then location.href in the same task"],
    ["w3close", "W3b unload: 200 events then the tab is closed"],
    ["w3hidden", "W3c unload: 200 events, visibilitychange hidden, tab closed"],
    [
      "w3kill",
      "W3d unload: 200 events, visibilitychange hidden, renderer killed (no pagehide; mobile)",
    ],
  ])
    table(
      w,
      t,
      [
        "SDK",
        "delivered",
        "lost",
        "dup",
        "requests",
        "KiB sent",
        "delivered after next visit",
        "dup after next visit",
      ],
      (g) => [
        rng(g, "delivered"),
        rng(g, "lost"),
        rng(g, "dup"),
        rng(g, "requests"),
        kb(g.m("bytes")),
        rng(g, "next_delivered"),
        rng(g, "next_dup"),
      ],
    );
  for (const [w, t] of [
    ["w3xplain", "W3x unload: 240 events of 1 kB then location.href in the same task"],
    ["w3xslow", "W3x slow: same, CPU slowed 4x"],
    ["w3xlate", "W3x late: same, answers take 1.5 s"],
    ["w3xnoise", "W3x noise: same as W3x, of text that cannot be compressed"],
  ])
    table(
      w,
      t,
      [
        "SDK",
        "delivered",
        "lost",
        "dup",
        "requests",
        "KiB sent",
        "delivered after next visit",
        "dup after next visit",
      ],
      (g) => [
        rng(g, "delivered"),
        rng(g, "lost"),
        rng(g, "dup"),
        rng(g, "requests"),
        kb(g.m("bytes")),
        rng(g, "next_delivered"),
        rng(g, "next_dup"),
      ],
    );
  for (const [w, t, extra] of [
    [
      "w4online",
      "W4a offline: 500 events while connections are refused for 5 s, then up (60 s limit)",
    ],
    [
      "w4reopen",
      "W4b offline: same, page closed while down, reopened after up (60 s limit)",
      "before_reopen",
    ],
    ["w5", "W5 faults: 500,500,500,429+Retry-After 2,one stalled; 500 events (90 s limit)"],
    [
      "w6renderer",
      "W6a crash: renderer killed after 500 events in ~1 s, reopened (30 s limit)",
      "before_crash",
    ],
    [
      "w6browser",
      "W6b crash: whole browser SIGKILLed, same profile reopened (30 s limit)",
      "before_crash",
    ],
  ])
    table(
      w,
      t,
      [
        "SDK",
        "delivered",
        "lost",
        "dup",
        "last new arrival s",
        "requests",
        ...(extra ? ["delivered " + extra.replace("_", " ")] : []),
      ],
      (g) => [
        rng(g, "delivered"),
        rng(g, "lost"),
        rng(g, "dup"),
        rng(g, "lastArrival_s"),
        rng(g, "requests"),
        ...(extra ? [rng(g, extra)] : []),
      ],
    );
  const b7 = get("w7", "floor");
  table(
    "w7",
    "W7 100,000 small events (120 s limit)",
    [
      "SDK",
      "delivered",
      "dup",
      "accepted all after s",
      "all delivered after s",
      "x floor",
      "events/s",
      "requests",
      "MiB sent",
      "bytes/event",
      "peak JS heap MB",
      "note",
    ],
    (g) => [
      f(g.m("delivered")),
      f(g.m("dup")),
      f(g.m("loop_s")),
      f(g.m("wall_s")),
      x(g.m("wall_s"), b7?.m("wall_s")),
      f(g.m("delivered") / (g.m("last_s") || NaN)),
      f(g.m("requests")),
      f(g.m("bytes") / 2 ** 20),
      f(g.m("bytes") / (g.m("delivered") || NaN)),
      f(g.m("heap_mb")),
      g.ok.some((r) => r.crashed) ? "renderer crashed" : g.m("wall_s") ? "" : "not all delivered",
    ],
  );
  const b8 = get("w8", "floor");
  table(
    "w8",
    "W8 startup, ms from start of script evaluation",
    [
      "SDK",
      "first track() returned",
      "x floor",
      "first event at collector (includes the 1 s flush timer where there is one)",
    ],
    (g) => [
      f(g.m("accepted_ms")),
      x(g.m("accepted_ms"), b8?.m("accepted_ms")),
      f(g.m("received_ms")),
    ],
  );
  for (const [w, t] of [
    [
      "w9window",
      "W9 loss window: whole browser SIGKILLed while an event is tracked each ms, then reopened",
    ],
    ["w9offline", "W9 offline: same, connections refused until the kill"],
  ])
    table(
      w,
      t,
      ["SDK", "loss window ms, median", "max", "events survived", "dup", "tracked for ms"],
      (g) => [
        f(g.m("window_ms")),
        f(Math.max(...g.ok.map((r) => r.window_ms))),
        rng(g, "survived"),
        rng(g, "dup"),
        rng(g, "lasted_ms"),
      ],
    );
  return out.join("\n");
}
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file =
    process.argv[2] ?? fileURLToPath(new URL("../../artifacts/peers.json", import.meta.url));
  fs.writeFileSync(file.replace(/json$/, "md"), report(JSON.parse(fs.readFileSync(file))));
}
