// Live bodies: what a reader has room for is taken from the store, nothing is kept for it.

/** Official clients of Stride give a silent stream up after 30 s. */
const KEEP_ALIVE = 12_000;

/** Looks every KEEP_ALIVE until a reader that takes nothing is ended: 5 minutes. */
const MOST_SILENT = 25;

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

  get size() {
    return this.#ends.size;
  }

  /**
   * A body of frames; `begin` is the position of who gets server-sent events, `ended` hears how many
   * bytes it was when it is over.
   */
  open(id, begin, ended) {
    return this.#remote ? this.#slow(id, begin, ended) : this.#quick(id, begin, ended);
  }

  #quick(id, begin, ended) {
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
    return this.#body(id, begin, ended, (controller) => (wake = () => more(controller)));
  }

  #slow(id, begin, ended) {
    const remote = this.#remote;
    let isAsking = false;
    let isStale = false;
    const more = async (controller) => {
      isStale = true;
      if (isAsking || !this.#waiting.has(wake)) return;
      isAsking = true;
      while (this.#waiting.has(wake) && (isStale || this.#core.isBehind(id))) {
        isStale = false;
        const answer = await remote.settle(this.#core.follow(id), { shared: true });
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
    return this.#body(id, begin, ended, (controller) => (wake = () => more(controller)));
  }

  #body(id, begin, ended, waker) {
    const remote = this.#remote;
    let wake, end, timers;
    let silent = 0;
    let length = 0;
    const stop = () => {
      ended(length);
      for (const timer of timers) clearInterval(timer);
      this.#waiting.delete(wake);
      this.#ends.delete(end);
      this.#core.close(id);
      if (!this.#ends.size) remote?.unwatch();
    };
    return new ReadableStream(
      {
        start: (stream) => {
          const controller = {
            enqueue(chunk) {
              length += chunk.length;
              stream.enqueue(chunk);
            },
          };
          wake = waker(controller);
          // One for each: an edge runtime ends a timer with the request that set it, and a request
          // that waits for nothing of its own with an error.
          const alive = begin ? bytes(PING) : LINE_END;
          const timer = setInterval(() => {
            if (this.#waiting.has(wake)) return controller.enqueue(alive);
            silent += 1;
            if (silent < MOST_SILENT) return;
            stop();
            stream.error(new Error("the reader took nothing for 5 minutes"));
          }, KEEP_ALIVE);
          timers = [timer];
          if (remote?.shares === false) timers.push(setInterval(wake, PAUSE));
          for (const timer of timers) timer.unref?.();
          end = () => {
            stop();
            stream.close();
          };
          this.#ends.add(end);
          if (remote?.shares) remote.watch(() => this.wake());
          if (begin) controller.enqueue(bytes(`id: ${begin}\n${PING}`));
        },
        // Called again whenever there is room, so a slow reader is given less and misses nothing.
        pull: () => {
          silent = 0;
          this.#waiting.add(wake);
          wake();
        },
        cancel: stop,
      },
      { highWaterMark: 1 },
    );
  }
}
