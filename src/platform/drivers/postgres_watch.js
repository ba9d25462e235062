// Hears what others tell PostgreSQL's LISTEN, on a connection of its own: one of the pool's would be
// missing there.

/** Milliseconds between two looks while nobody tells. */
const POLL = 500;

/** Milliseconds until a lost connection is made again, doubled from the first to the last. */
const AGAIN = [500, 30_000];

/** Milliseconds between two proofs that what is told is heard, and how long one may take. */
const ALIVE = 15_000;
const PROOF = 5000;

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

/**
 * One connection that listens; `lost` is called once, unless it was ended before. A lost connection
 * may look idle, and behind a pooler nothing may be heard on it: so it is told something now and then.
 */
async function listening(pool, channel, changed, lost) {
  const connection = new pool.Client(pool.options);
  const own = `${channel}:${crypto.randomUUID().slice(-12)}`;
  let isOpen = true;
  let heard = () => {};
  let timer;
  const end = () => {
    isOpen = false;
    clearTimeout(timer);
    connection.end().catch(() => {});
  };
  const onLost = () => {
    if (!isOpen) return;
    end();
    lost();
  };
  const prove = async () => {
    const told = new Promise((resolve, reject) => {
      heard = resolve;
      timer = background(setTimeout(() => reject(new Error(UNHEARD)), PROOF));
    });
    await Promise.all([told, pool.query("SELECT pg_notify($1, '')", [own])]);
    clearTimeout(timer);
    if (isOpen) timer = background(setTimeout(() => prove().catch(onLost), ALIVE));
  };
  connection.on("notification", (message) => (message.channel === own ? heard() : changed()));
  // An error that nobody hears ends the process.
  let onError = () => {};
  connection.on("error", () => onError());
  try {
    await connection.connect();
    await connection.query(`LISTEN "${channel}"`);
    await connection.query(`LISTEN "${own}"`);
    await prove();
  } catch (error) {
    end();
    throw error;
  }
  connection.on("end", onLost);
  onError = onLost;
  return end;
}

const UNHEARD = "LISTEN hears nothing: is there a pooler in between?";
