import { client, onlyReads } from "./check.js";

/** More than any store asks for: a text that is different each time must not fill the memory. */
const MOST_PREPARED = 200;

/** DatabaseSync of node:sqlite. */
export function nodeSqlite(database) {
  client(database, "database", ["exec", "prepare"], "a DatabaseSync of node:sqlite");
  const prepared = new Map();

  function prepare(sql) {
    let statement = prepared.get(sql);
    if (!statement) {
      statement = database.prepare(sql);
      if (prepared.size >= MOST_PREPARED) prepared.delete(prepared.keys().next().value);
      prepared.set(sql, statement);
    }
    return statement;
  }

  return {
    dialect: "sqlite",
    // Nothing is awaited inside, so transactions of one database never overlap.
    async transaction(statements) {
      // A transaction that reads first and writes later could find the database locked half-way.
      database.exec(onlyReads(statements) ? "BEGIN" : "BEGIN IMMEDIATE");
      try {
        const rows = statements.map(({ sql, params }) => prepare(sql).all(...params));
        database.exec("COMMIT");
        return rows;
      } catch (error) {
        // Statements of a database that was closed and opened again are dead.
        prepared.clear();
        rollback(database);
        throw error;
      }
    },
  };
}

function rollback(database) {
  try {
    database.exec("ROLLBACK");
  } catch {
    // SQLite rolls back by itself when a disk is full; the first error is the one to tell.
  }
}
