// Two more questions, beside the workloads that all contenders were first measured with: a page that
// leaves with more than one keepalive request may carry, and how much a killed browser takes along.
import { launch, sleep } from "./browser.mjs";
import { open, revisit, until, withRun } from "./harness.mjs";

// W3x: 240 events of 1 kB of the user's own data, then location.href in the same task.
const EVENTS = 240;

// Words are what users have, gzip makes about a third of them; noise is the worst they may have.
const WORDS =
  "(() => { const next = () => Math.floor(Math.random() * 1000) + 5000; let s = ''; while (s.length < 1000) s += (next() ** 2).toString(36) + ' '; return s.slice(0, 1000); })()";
const NOISE = "btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(750))))";

const leaveFull = (answers, slowdown, bulk = WORDS) =>
  withRun(
    () => answers,
    async (env, name, c, { b }) => {
      const p = await open(env, b, name, c);
      const cdp = await b.ctx.newCDPSession(p);
      await cdp.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
      await p.evaluate(`globalThis.bulks = Array.from({ length: ${EVENTS} }, () => ${bulk}); 0`);
      const expression = `for (let i = 0; i < ${EVENTS}; i++) sdk.track('bench_event', { id: i, bojack: 'horseman', bulk: bulks[i] });
      location.href = '/blank';`;
      await cdp.send("Runtime.evaluate", { expression }).catch(() => {});
      await sleep(1000 * slowdown);
      const left = p.url().endsWith("/blank");
      await sleep(4000);
      const r = { ...c.score(EVENTS), left };
      await revisit(env, b, name, c);
      const next = await until(c, EVENTS, 20000, 3000);
      return { ...r, next_delivered: next.delivered, next_dup: next.dup };
    },
  );
export const w3xplain = leaveFull({}, 1);
export const w3xslow = leaveFull({}, 4);
export const w3xlate = leaveFull({ delay: 1500 }, 1);
export const w3xnoise = leaveFull({}, 1, NOISE);

// W9: the whole browser is killed at a random moment while an event is tracked each millisecond. The
// id of an event is the millisecond of its call, so the newest that arrives, then or after the next
// visit, says how much the kill took: the loss window.
const LONGEST_MS = 2500,
  SHORTEST_MS = 300,
  QUIET_MS = 3000,
  AWAY_MS = 15000;

// A message between two timers keeps the timer from being stretched to 4 ms.
const eachMillisecond = `(() => {
  const began = Date.now(), { port1, port2 } = new MessageChannel();
  let last = -1;
  port1.onmessage = () => setTimeout(() => {
    const id = Date.now() - began;
    if (id !== last) sdk.track('bench_event', { ...props(id), id });
    last = id;
    port2.postMessage(0);
  }, 1);
  port2.postMessage(0);
  return began;
})()`;

const lossWindow = (refuses) =>
  withRun(
    () => ({}),
    async (env, name, c, box) => {
      const p = await open(env, box.b, name, c);
      if (refuses) await c.down();
      const began = await p.evaluate(eachMillisecond);
      await sleep(SHORTEST_MS + Math.random() * (LONGEST_MS - SHORTEST_MS));
      const killed = await box.b.kill();
      if (refuses) await c.up();
      box.b = await launch(box.b.dir);
      await revisit(env, box.b, name, c);
      const since = Date.now();
      const waits = () =>
        newest(c) < 0
          ? Date.now() - since < AWAY_MS
          : Date.now() - Math.max(c.lastAt, since) < QUIET_MS;
      while (waits()) await sleep(100);
      const last = newest(c),
        lasted = killed - began,
        ids = [...c.seen.keys()].filter((id) => id < VISIT);
      return {
        lasted_ms: lasted,
        window_ms: last < 0 ? lasted : Math.max(0, lasted - last),
        survived: ids.length,
        dup: ids.reduce((n, id) => n + c.seen.get(id) - 1, 0),
      };
    },
  );
const VISIT = 900000; // the id of the event that `revisit` tracks
const newest = (c) => Math.max(-1, ...[...c.seen.keys()].filter((id) => id < VISIT));
export const w9window = lossWindow(false),
  w9offline = lossWindow(true);
