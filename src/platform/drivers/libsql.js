import { client, onlyReads } from "./check.js";

/** @libsql/client: a file, or a database behind a URL. */
export function libsql(database) {
  client(database, "client", ["batch", "execute"], "a client of @libsql/client");
  return {
    dialect: "sqlite",
    async transaction(statements) {
      if (!statements.length) return [];
      const mode = onlyReads(statements) ? "read" : "write";
      const bound = statements.map(({ sql, params }) => ({ sql, args: params }));
      const answers = await database.batch(bound, mode);
      return answers.map(({ rows }) => rows);
    },
  };
}
