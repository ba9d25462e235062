import { client, numbers } from "./check.js";

/** Of the 2 MB that a row may have, an event's own. */
const MOST = 1_500_000;

/** Cloudflare D1: a batch is a transaction. */
export function d1(database) {
  client(database, "database", ["prepare", "batch"], "a D1 database: a binding of env");
  return {
    dialect: "sqlite",
    maxEventBytes: MOST,
    async transaction(statements) {
      // D1 refuses an empty batch.
      if (!statements.length) return [];
      const bound = statements.map(({ sql, params }) => {
        const statement = database.prepare(sql);
        return params.length ? statement.bind(...numbers(params)) : statement;
      });
      const answers = await database.batch(bound);
      return answers.map(({ results }) => results);
    },
  };
}
