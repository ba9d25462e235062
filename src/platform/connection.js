// One connection that events come over: what is read of it, and when it is given up for dead.
import { TIMER_MAX } from "./host.js";

/**
 * Servers send a keep-alive every 10 to 15 s. A network that went away without a word is found after
 * three silent ticks and a part of one: 45 to 60 s. Ticks cost less than a timer for each chunk, and
 * a laptop that wakes up has the time of one to hear something.
 */
const TICK = 15_000;
const SILENT_TICKS_MAX = 3;

/**
 * How long an EventSource that opened waits for the first word. A server of ours says its position
 * at once, and who loses the connection before it came would have nothing to go on after.
 */
const FIRST_WORD = 250;

function watch(dead) {
  let silent = 0;
  const timer = setInterval(() => {
    if (++silent > SILENT_TICKS_MAX) dead();
  }, TICK);
  return { heard: () => (silent = 0), stop: () => clearInterval(timer) };
}

/** Resolves when what is read ended, broke or was aborted. Waits while `take` returns a promise. */
export async function drain(reader, take, abort) {
  const dead = () => abort.abort();
  let watching = watch(dead);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      watching.heard();
      const room = take(value);
      if (room) {
        // Nothing can be heard while nothing is read.
        watching.stop();
        await room;
        watching = watch(dead);
      }
    }
  } catch {
    // The caller cannot do more about it than about an end.
  } finally {
    watching.stop();
  }
}

/**
 * An EventSource: resolves to { ended } when it has opened, to undefined when it has not. It never
 * reconnects by itself, because nobody would know after which event.
 */
export function listen(url, timeout, abort, take) {
  return new Promise((resolve) => {
    const source = new EventSource(url);
    let timer, watching, opened;
    const ended = new Promise((end) => {
      const stop = () => {
        source.close();
        clearTimeout(timer);
        watching?.stop();
        end();
        resolve();
      };
      if (timeout) timer = setTimeout(stop, timeout);
      abort.signal.addEventListener("abort", stop);
      source.onerror = stop;
      source.addEventListener("ping", ({ lastEventId }) => {
        take.begin(lastEventId);
        opened();
        // A comment is not shown to us, so silence means something only where pings came before.
        watching ??= watch(stop);
        watching.heard();
      });
    });
    opened = () => {
      clearTimeout(timer);
      resolve({ ended });
    };
    source.onmessage = ({ data, lastEventId }) => {
      watching?.heard();
      take.message(data, lastEventId);
      opened();
    };
    source.onopen = () => {
      clearTimeout(timer);
      timer = setTimeout(opened, FIRST_WORD);
    };
  });
}

/** Waits some milliseconds, or until aborted. */
export function pause(millis, { signal }) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(millis, TIMER_MAX));
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
