import { client, numbers } from "./check.js";

const WHAT = "the ctx.storage of a Durable Object";

/** Of the 2 MB that a row may have, an event's own. */
const MOST = 1_500_000;

/** The SQLite database inside a Durable Object. One without says at the first use what it needs. */
export function durableObject(storage) {
  client(storage, "storage", ["transactionSync"], WHAT);
  client(storage.sql, "storage", ["exec"], WHAT);
  return {
    dialect: "sqlite",
    maxEventBytes: MOST,
    // Nobody else reaches the object's database, and its requests may share their I/O.
    exclusive: true,
    // Nothing is awaited inside, so no other request of the object comes in between.
    async transaction(statements) {
      return storage.transactionSync(() =>
        statements.map(({ sql, params }) => storage.sql.exec(sql, ...numbers(params)).toArray()),
      );
    },
  };
}
