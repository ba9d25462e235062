import { client, numbers } from "./check.js";

/** Cloudflare D1: a batch is a transaction. */
export function d1(database) {
  client(database, "database", ["prepare", "batch"], "a D1 database: a binding of env");
  return {
    dialect: "sqlite",
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
