import { client, onlyReads } from "./check.js";
import { watching } from "./postgres_watch.js";

const WHAT = "a Pool or a connected Client of pg";
/** Every statement sees the same state. */
const READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/** A Pool or a Client of pg (node-postgres), or what looks like one. */
export function postgres(pool) {
  client(pool, "pool", ["connect", "query"], WHAT);
  // Only a pool counts its connections.
  const isPool = typeof pool.totalCount === "number";
  const { alone, together } = isPool ? fromPool(pool) : inTurn(pool);
  return {
    dialect: "postgres",
    // A pool knows how to make a connection more.
    ...(isPool && typeof pool.Client === "function" && { watch: watching(pool) }),
    async transaction(statements) {
      if (!statements.length) return [];
      // One statement is a transaction by itself, in one round trip instead of three.
      if (statements.length === 1) return [await alone(statements[0])];
      return together(statements);
    },
  };
}

async function rowsOf(connection, { sql, params }) {
  const { rows } = await connection.query(sql, params);
  return rows;
}

/** `onBroken` hears of a connection that cannot be used again. */
async function run(connection, statements, onBroken) {
  try {
    await connection.query(onlyReads(statements) ? READ : "BEGIN");
    const rows = [];
    for (const statement of statements) rows.push(await rowsOf(connection, statement));
    await connection.query("COMMIT");
    return rows;
  } catch (error) {
    // The server rolls back what a lost connection had begun.
    await connection.query("ROLLBACK").catch(onBroken);
    throw error;
  }
}

/** A connection of its own for each transaction. */
function fromPool(pool) {
  return {
    alone: (statement) => rowsOf(pool, statement),
    async together(statements) {
      const connection = await pool.connect();
      let broken;
      const onBroken = (error) => (broken = error);
      // The pool listens only while it holds the connection itself, and an error that nobody hears
      // ends the process.
      connection.on("error", onBroken);
      try {
        return await run(connection, statements, onBroken);
      } finally {
        connection.off("error", onBroken);
        connection.release(broken);
      }
    },
  };
}

/** One connection: what comes meanwhile waits, or it would be part of the transaction before. */
function inTurn(connection) {
  let last = Promise.resolve();
  const turn = (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
  return {
    alone: (statement) => turn(() => rowsOf(connection, statement)),
    together: (statements) => turn(() => run(connection, statements, () => {})),
  };
}
