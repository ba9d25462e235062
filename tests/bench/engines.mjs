// The stores that are compared, each over the real engine.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@libsql/client";
import pg from "pg";
import { libsql, memory, postgres, sql } from "sluicebox/server";
import { startPostgres } from "../stores/postgres.mjs";
import { temporaryFolder } from "../stores/service.mjs";

/** Each resolves to { store, stop }. */
export const engines = {
  async memory(keys) {
    return { store: memory({ keys, maxBytes: 3 * 1024 ** 3 }), stop: async () => {} };
  },

  /** As the command line opens it. */
  async sqlite(keys) {
    const folder = temporaryFolder("bench");
    const client = createClient({ url: `file:${join(folder, "events.db")}` });
    await client.execute("PRAGMA journal_mode = WAL");
    const stop = async () => {
      client.close();
      rmSync(folder, { recursive: true });
    };
    return { store: sql(libsql(client), { keys }), stop };
  },

  async postgres(keys) {
    const database = await startPostgres();
    const pool = new pg.Pool({ connectionString: database.url });
    pool.on("error", () => {});
    const stop = async () => {
      await pool.end();
      await database.stop();
    };
    return { store: sql(postgres(pool), { keys }), stop };
  },
};
