// Live bodies: what a reader has room for is taken from the store, nothing is kept for it.

/** Official clients of Stride give a silent stream up after 30 s. */
const KEEP_ALIVE = 12_000;

/** Milliseconds until a store that failed is asked again. */
const PAUSE = 1000;

const bytes = (text) => new TextEncoder().encode(text);

const LINE_END = bytes("\r\n");
/** A comment would do for the network, but an EventSource shows its page only events. */
const PING = "event: ping\ndata\n\n";

/** All live bodies of a server. `remote` is there when its store does not answer at once. */
export class LiveBodies {
  #core;
  #remote;
  /** What wakes each body that waits for events. */
  #waiting = new Set();
  /** What ends each body. */
  #ends = new Set();

  constructor(core, remote) {
    this.#core = core;
    this.#remote = remote;
  }

  /** There may be something new. */
  wake() {
    // Who waits for a database of another request's would wait for ever.
    if (this.#remote?.shares === false) return;
    this.#remote?.renew();
    for (const wake of [...this.#waiting]) wake();
  }

  end() {
    for (const end of [...this.#ends]) end();
  }

  /** A body of frames; `begin` is the position of who gets server-sent events. */
  open(id, begin) {
    return this.#remote ? this.#slow(id, begin) : this.#quick(id, begin);
  }

  #quick(id, begin) {
    const more = (controller) => {
      if (!this.#waiting.has(wake)) return;
      const frames = this.#core.take(id);
      if (!frames.length) {
        // Others have their turn while a filter looks for what it wants.
        if (this.#core.isBehind(id)) setTimeout(wake);
        return;
      }
      this.#waiting.delete(wake);
      controller.enqueue(frames);
    };
    let wake;
    return this.#body(id, begin, (controller) => (wake = () => more(controller)));
  }

  #slow(id, begin) {
    const remote = this.#remote;
    let isAsking = false;
    let isStale = false;
    const more = async (controller) => {
      isStale = true;
      if (isAsking || !this.#waiting.has(wake)) return;
      isAsking = true;
      while (this.#waiting.has(wake) && (isStale || this.#core.isBehind(id))) {
        isStale = false;
        const answer = await remote.settle(this.#core.follow(id), true);
        const hasFailed = answer.status !== 200;
        const frames = answer.body();
        answer.free();
        if (hasFailed) await new Promise((resolve) => setTimeout(resolve, PAUSE));
        if (hasFailed) isStale = true;
        // It may have ended meanwhile.
        else if (frames.length && this.#waiting.delete(wake)) controller.enqueue(frames);
      }
      isAsking = false;
    };
    let wake;
    return this.#body(id, begin, (controller) => (wake = () => more(controller)));
  }

  #body(id, begin, waker) {
    const remote = this.#remote;
    let wake, end, timers;
    const stop = () => {
      for (const timer of timers) clearInterval(timer);
      this.#waiting.delete(wake);
      this.#ends.delete(end);
      this.#core.close(id);
      if (!this.#ends.size) remote?.unwatch();
    };
    return new ReadableStream(
      {
        start: (controller) => {
          wake = waker(controller);
          // One for each: an edge runtime ends a timer with the request that set it, and a request
          // that waits for nothing of its own with an error.
          const alive = begin ? bytes(PING) : LINE_END;
          const timer = setInterval(() => {
            if (this.#waiting.has(wake)) controller.enqueue(alive);
          }, KEEP_ALIVE);
          timers = [timer];
          if (remote?.shares === false) timers.push(setInterval(wake, PAUSE));
          for (const timer of timers) timer.unref?.();
          end = () => {
            stop();
            controller.close();
          };
          this.#ends.add(end);
          if (remote?.shares) remote.watch(() => this.wake());
          if (begin) controller.enqueue(bytes(`id: ${begin}\n${PING}`));
        },
        // Called again whenever there is room, so a slow reader is given less and misses nothing.
        pull: () => {
          this.#waiting.add(wake);
          wake();
        },
        cancel: stop,
      },
      { highWaterMark: 1 },
    );
  }
}
