// What a driver promises to a store, as steps that run in every runtime: each gives back what it
// saw, and the test compares. Imports nothing, so that a Worker can bundle it.

/** `?` or `$1`, `$2`. */
const bound = (dialect, text) => {
  let count = 0;
  return dialect === "postgres" ? text.replaceAll("?", () => `$${(count += 1)}`) : text;
};

const failure = (promise) =>
  promise.then(
    () => "nothing was refused",
    (error) => `${error.name}: ${error.message}`,
  );

export async function steps({ dialect, transaction }) {
  const statement = (text, ...params) => ({ sql: bound(dialect, text), params });
  const run = (...statements) => transaction(statements);
  const insert = (id, body) => statement("INSERT INTO t VALUES (?, ?, ?)", id, body, null);
  const select = statement("SELECT id, body FROM t ORDER BY id");
  const ids = async () => {
    const [rows] = await run(select);
    return rows.map(({ id }) => id);
  };
  const seen = {};

  await run(
    statement("DROP TABLE IF EXISTS t"),
    statement("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT, n BIGINT)"),
  );
  seen.nothing = await run();

  const answers = await run(
    insert(1, "a"),
    statement("INSERT INTO t VALUES (?, ?, ?) RETURNING id", 2, "b", 7n),
    select,
    statement("SELECT n FROM t WHERE id = ?", 2),
    statement("SELECT id FROM t WHERE id = ?", 9),
  );
  seen.rows = answers.map((rows) => rows.map((row) => ({ ...row })));

  seen.duplicate = await failure(run(insert(3, "c"), insert(1, "again"), insert(4, "d")));
  seen.afterDuplicate = await ids();
  seen.broken = await failure(run(insert(5, "e"), statement("SELEC 1")));
  seen.afterBroken = await ids();

  const text = "quote ' and \" and % and ?, \u{1F30A} and \r\n";
  await run(insert(6, text), insert(7, ""), insert(8, null));
  const [kept] = await run(statement("SELECT body FROM t WHERE id > ? ORDER BY id", 5));
  seen.texts = kept.map(({ body }) => (body === text ? "the same" : body));

  const most = Number.MAX_SAFE_INTEGER;
  const [, [{ n }]] = await run(
    statement("UPDATE t SET n = ? WHERE id = 1", most),
    statement("SELECT n FROM t WHERE id = 1"),
  );
  seen.most = Number(n) === most;

  // Each reads what it wrote, and nobody else gets between.
  await run(statement("UPDATE t SET n = 0 WHERE id = 1"));
  const counted = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const [, [row]] = await run(
        statement("UPDATE t SET n = n + 1 WHERE id = 1"),
        statement("SELECT n FROM t WHERE id = 1"),
      );
      return Number(row.n);
    }),
  );
  seen.counted = counted.sort((a, b) => a - b).join();

  // A statement alone is not part of a transaction that is under way, and what failed takes nothing
  // of its neighbours along.
  const mixed = await Promise.all([
    failure(run(insert(10, "x"), insert(1, "again"))),
    run(insert(11, "y")),
    failure(run(insert(12, "z"), statement("SELECT 1 FROM nowhere"))),
    run(insert(13, "w"), select),
  ]);
  seen.neighbours = [mixed[1].length, mixed[3].length, (await ids()).filter((id) => id > 9)];
  return seen;
}
