// What the server tells whoever runs it: lines as objects. Never a key, a query or a body.

const MINUTE = 60_000;

/** The option, so that it can break nothing; without it, errors go to the console. */
export function logger(log) {
  if (!log) return complaints();
  return (line) => {
    try {
      const told = log(line);
      if (typeof told?.then === "function") told.then(undefined, () => {});
    } catch {
      // Whoever is told may fail; the request must not.
    }
  };
}

/** At most one line a minute: a database that is away fails every request. */
function complaints() {
  let last = -Infinity;
  let unsaid = 0;
  return ({ level, message }) => {
    if (level !== "error") return;
    const now = performance.now();
    if (now - last < MINUTE) {
      unsaid += 1;
      return;
    }
    const more = unsaid ? ` (and ${unsaid} errors more since the last such line)` : "";
    console.error(`sluicebox: ${message}${more}`);
    last = now;
    unsaid = 0;
  };
}

/** An error as a line. What a database adds to its message may hold parts of events. */
export const errorLine = (error) => ({
  time: new Date().toISOString(),
  level: "error",
  message: error?.message || String(error),
  ...(error?.code === undefined ? {} : { code: String(error.code) }),
});
