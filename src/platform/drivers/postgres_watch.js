// Hears what others tell PostgreSQL's LISTEN, on a connection of its own: one of the pool's would be
// missing there.

/** Milliseconds between two looks while nobody tells. */
const POLL = 500;

/** Milliseconds until a lost connection is made again, doubled from the first to the last. */
const AGAIN = [500, 30_000];

/** Milliseconds between two questions whether the connection is there: a lost one may look idle. */
const ALIVE = 15_000;

/**
 * `watch(channel, changed)` for a pool of pg: resolves to what ends it, once it listens. While the
 * connection is lost, `changed` is called every `POLL` ms instead.
 */
export function watching(pool) {
  return async (channel, changed) => {
    let isOver = false;
    let end = () => {};
    let poll, again;
    let pause = AGAIN[0];

    const listen = async () => {
      end = await listening(pool, channel, changed, lost);
      pause = AGAIN[0];
      clearInterval(poll);
      poll = undefined;
      if (isOver) end();
    };
    const lost = () => {
      if (isOver) return;
      poll ??= background(setInterval(changed, POLL));
      again = background(
        setTimeout(() => {
          // What came before it listened again was told to nobody.
          listen().then(changed, lost);
        }, pause),
      );
      pause = Math.min(pause * 2, AGAIN[1]);
    };

    await listen();
    return () => {
      isOver = true;
      clearInterval(poll);
      clearTimeout(again);
      end();
    };
  };
}

/** A timer that keeps no process alive. */
function background(timer) {
  timer.unref?.();
  return timer;
}

/** One connection that listens; `lost` is called once, unless it was ended before. */
async function listening(pool, channel, changed, lost) {
  const connection = new pool.Client(pool.options);
  let isOpen = false;
  let alive;
  const end = () => {
    clearInterval(alive);
    isOpen = false;
    connection.end().catch(() => {});
  };
  const onLost = () => {
    if (!isOpen) return;
    end();
    lost();
  };
  // An error that nobody hears ends the process.
  connection.on("error", onLost);
  connection.on("end", onLost);
  connection.on("notification", () => changed());
  try {
    await connection.connect();
    await connection.query(`LISTEN "${channel}"`);
  } catch (error) {
    end();
    throw error;
  }
  isOpen = true;
  let isAnswered = true;
  alive = background(
    setInterval(() => {
      if (!isAnswered) return onLost();
      isAnswered = false;
      connection.query("SELECT 1").then(() => (isAnswered = true), onLost);
    }, ALIVE),
  );
  return end;
}
