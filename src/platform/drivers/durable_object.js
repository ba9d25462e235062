import { client, numbers, refusal } from "./check.js";

const WHAT = "the ctx.storage of a Durable Object whose class is in new_sqlite_classes";

/** The SQLite database inside a Durable Object. */
export function durableObject(storage) {
  client(storage, "storage", ["transactionSync"], WHAT);
  client(database(storage), "storage", ["exec"], WHAT);
  return {
    dialect: "sqlite",
    // Nothing is awaited inside, so no other request of the object comes in between.
    async transaction(statements) {
      return storage.transactionSync(() =>
        statements.map(({ sql, params }) => storage.sql.exec(sql, ...numbers(params)).toArray()),
      );
    },
  };
}

/** An object without SQLite has the property, and it throws. */
function database(storage) {
  try {
    return storage.sql;
  } catch {
    throw refusal("storage", WHAT);
  }
}
