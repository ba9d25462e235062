// Every client does everything it can, the same in every runtime. A step is a name, what is done,
// and what must come of it; the transcript is what came of it.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Runs all steps against a recorder at `base`; resolves to [{ name, got, expected }], plain JSON. */
export async function exercise(sluicebox, base) {
  const transcript = [];
  for (const part of [errors, stride, collector, analytics, streamClient]) {
    await part(sluicebox, base, async (name, act, expected) => {
      transcript.push(
        JSON.parse(JSON.stringify({ name, got: await outcome(act, base), expected })),
      );
    });
  }
  return transcript;
}

/** undefined does not survive JSON, an error neither. */
async function outcome(act, base) {
  try {
    return (await act()) ?? null;
  } catch (error) {
    return told(error, base);
  }
}

const told = ({ name, code, fault, message, statusCode }, base) => [
  code ? `${code}, ${fault}${statusCode ? `, ${statusCode}` : ""}` : name,
  message.replace(base, "<base>"),
];

const refused = (message) => ["invalid_argument, caller", message];

const counts = (some) => ({
  ...{ accepted: 0, delivered: 0, rejected: 0, expired: 0, dropped: 0, pending: 0 },
  ...some,
});

const delivered = (count) => counts({ accepted: count, delivered: count });

/** Asks until it is so; a runtime's own timers must do the rest. */
async function until(isSo) {
  for (const end = Date.now() + 5_000; !isSo() && Date.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function take(count, subscription) {
  const events = [];
  for await (const event of subscription) {
    if (events.push(event) === count) break;
  }
  return [events, subscription.lastEventId, subscription.state];
}

const THREE = [
  [
    { $id: "1", n: 1 },
    { $id: "2", n: 2 },
    { $id: "3", n: 3 },
  ],
  "3",
  "closed",
];

async function errors(sluicebox, base, step) {
  const { Analytics, Collector, SluiceboxError, StreamClient, Stride } = sluicebox;
  const { setId, setTimestamp } = sluicebox;
  await step(
    "an error is an Error and of the exported class",
    () => {
      try {
        return new Stride("");
      } catch (error) {
        return [error instanceof Error, error instanceof SluiceboxError, error.name];
      }
    },
    [true, true, "SluiceboxError"],
  );
  await step(
    "a key that no header takes is refused",
    () => new Stride("a:b"),
    refused('"apiKey" must be printable ASCII without ":" or spaces'),
  );
  await step(
    "a number below its least is refused",
    () => new Collector("key", { batchSize: 0 }),
    refused('"batchSize" must be a number of at least 1'),
  );
  await step(
    "a client needs its write key",
    () => new Analytics({ dataPlaneUrl: base }),
    refused('"writeKey" must be a non-empty string'),
  );
  await step(
    "a URL needs its scheme",
    () => new StreamClient("nowhere"),
    refused('"url" must be a URL that starts with http:// or https://, without a query'),
  );
  await step(
    "ids and times are set on the event",
    () => {
      const event = { a: 1 };
      setId(event, 7);
      setTimestamp(event, new Date(0));
      return event;
    },
    { a: 1, $id: 7, $timestamp: "1970-01-01T00:00:00.000Z" },
  );
}

async function stride({ Stride }, base, step) {
  const client = new Stride("key", { endpoint: `${base}/v1` });
  await step("get", () => client.get("/collect"), {
    statusCode: 200,
    data: ["clicks", "app_events"],
  });
  await step("post compresses for collect", () => client.post("/collect/s1", { a: "é€😀" }), {
    statusCode: 200,
    data: null,
  });
  await step("put", () => client.put("/analyze/q", { query: "SELECT 1" }), {
    statusCode: 200,
    data: null,
  });
  await step("delete gives the server's words", () => client.delete("/process/gone"), {
    statusCode: 404,
    data: { error: "no such process" },
  });
  await step("a malformed answer is told", () => client.get("/process"), {
    statusCode: 502,
    data: { error: "response contained malformed json" },
  });
  await step("a wrong path is refused", () => client.get("/bad"), [
    "invalid_path, caller",
    'path "/bad" is not valid for method "get"',
  ]);
  const hasty = new Stride("key", { endpoint: `${base}/v1`, timeout: 100 });
  await step("no answer in time", () => hasty.post("/process/slow", {}), [
    "timeout, transport",
    "no answer from <base>/v1 within 100 ms",
  ]);
  const lost = new Stride("key", { endpoint: "http://127.0.0.1:1" });
  await step("nobody there", () => lost.get("/collect"), [
    "network, transport",
    "could not reach http://127.0.0.1:1",
  ]);
  await step(
    "subscribe gives events as they come",
    async () => {
      const { statusCode, data } = await client.subscribe("/collect/live", { sample: 5 });
      return [statusCode, ...(await take(3, data))];
    },
    [200, ...THREE],
  );
  await step("a refused subscription", () => client.subscribe("/collect/secret"), {
    statusCode: 403,
    data: { error: "forbidden" },
  });
  await step(
    "an aborted subscription",
    async () => {
      const { data } = await client.subscribe("/collect/live", { signal: AbortSignal.timeout(50) });
      for await (const event of data) if (!event.n) return "no event";
      return data.state;
    },
    "closed",
  );
}

async function collector({ Collector }, base, step) {
  const client = new Collector("key", { endpoint: `${base}/v1` });
  await step("not started", () => client.collect("s", {}), [
    "not_running, caller",
    "the collector is not running: call start() first",
  ]);
  client.start();
  await step(
    "streams share a request",
    () => {
      client.collect("s1", { n: 1 });
      client.collect("s2", [{ n: 2 }, { n: 3 }]);
      return client.flush();
    },
    delivered(3),
  );
  await step(
    "the timer sends without being asked",
    async () => {
      client.collect("s1", { n: 4 });
      await until(() => client.ledger().pending === 0);
      return client.ledger();
    },
    delivered(4),
  );
  await step(
    "stop delivers what is held",
    () => {
      client.collect("s1", { n: 5 });
      return client.stop();
    },
    delivered(5),
  );
  const stubborn = new Collector("key", { endpoint: `${base}/recovering/v1` });
  stubborn.start();
  await step(
    "failures are tried again",
    () => {
      stubborn.collect("s", { n: 1 });
      return stubborn.stop();
    },
    delivered(1),
  );
  const own = [];
  const plain = new Collector("key", {
    compression: "none",
    fetch: async (url, { method }) => {
      own.push([method, url.slice(base.length)]);
      return new Response("{}");
    },
  });
  plain.start();
  await step(
    "another fetch can be given",
    async () => {
      plain.collect("s", { n: 1 });
      await plain.stop();
      return own.map(([method, url]) => [method, typeof url]);
    },
    [["POST", "string"]],
  );
}

async function analytics({ Analytics }, base, step) {
  // Without storage a page remembers its visitor no longer than other runtimes do.
  const given = { writeKey: "wk", dataPlaneUrl: base, storage: "none" };
  const client = new Analytics(given);
  await step(
    "an anonymous id is a random UUID that stays",
    () => [UUID.test(client.anonymousId), client.anonymousId === client.anonymousId],
    [true, true],
  );
  const other = new Analytics(given);
  await step("another client has another", () => other.anonymousId === client.anonymousId, false);
  await step(
    "track, page and screen",
    () => {
      client.track("Signed Up", { plan: "pro", text: "é€😀 ", when: new Date(0) });
      client.track("Given", {}, { userId: 7, messageId: "m-1", timestamp: new Date(1000) });
      client.page("Docs", "Home", { title: "T" });
      client.screen("Main", undefined, { context: { ip: "::1" }, integrations: { All: true } });
      return client.flush();
    },
    delivered(4),
  );
  await step(
    "what JSON cannot say is cut",
    () => {
      const odd = { big: 12n, nan: NaN, not: undefined, call() {} };
      odd.self = odd;
      client.track("Odd", odd);
      return client.flush();
    },
    delivered(5),
  );
  const known = new Analytics(given);
  await step(
    "identify, group and alias, and reset forgets",
    async () => {
      known.identify(7, { plan: "pro" });
      const ids = [known.userId];
      known.track("Known");
      known.group("g-1", { size: 3 });
      known.alias("u-8");
      known.reset({ anonymousId: true });
      known.track("Unknown");
      return [...ids, known.userId, await known.flush()];
    },
    ["7", null, delivered(5)],
  );
  const shy = new Analytics({ ...given, consent: "wait" });
  await step(
    "events wait for consent",
    async () => {
      shy.track("Early");
      const before = await shy.flush({ timeout: 20 });
      shy.setConsent("granted");
      return [before.pending, await shy.flush()];
    },
    [1, delivered(1)],
  );
  const changed = new Analytics({
    ...given,
    before: (event) => (event.event === "Secret" ? null : { ...event, properties: { seen: true } }),
  });
  await step(
    "before changes and discards",
    () => {
      changed.track("Secret");
      changed.track("Open");
      return changed.close();
    },
    delivered(1),
  );
  const told = [];
  const refusing = new Analytics({
    ...given,
    dataPlaneUrl: `${base}/refused`,
    onError: ({ code, statusCode }, events) =>
      told.push([code, statusCode, events.map(({ event }) => event)]),
  });
  await step(
    "refused events come back to onError",
    async () => {
      refusing.track("Bad");
      return [await refusing.close(), ...told];
    },
    [counts({ accepted: 1, rejected: 1 }), ["rejected", 400, ["Bad"]]],
  );
  const small = new Analytics({ ...given, queueSize: 2 });
  await step(
    "a full queue gives way and says so",
    () => {
      for (const name of ["a", "b", "c"]) small.track(name);
      return small.close();
    },
    counts({ accepted: 3, delivered: 2, dropped: 1 }),
  );
  await step(
    "close, and nothing after it",
    async () => {
      const ledger = await client.close();
      try {
        client.track("Late");
      } catch (error) {
        return [ledger, error.code];
      }
      return "taken";
    },
    [delivered(5), "not_running"],
  );
}

async function streamClient({ StreamClient }, base, step) {
  const client = new StreamClient(`${base}/stream`, { apiKey: "k" });
  await step("insert", () => client.insert({ a: 1 }, { date: new Date(1500) }), "id-1");
  await step("items", () => client.items({ where: { a: [1, "x"] }, end: 2 }), [{ n: 2 }, { n: 1 }]);
  await step(
    "subscribe",
    async () => take(3, await client.subscribe({ where: { a: 1 }, after: "0" })),
    THREE,
  );
  const locked = new StreamClient(`${base}/locked`);
  await step("without a key", () => locked.items(), [
    "unauthorized, server, 401",
    "the server refused the request: who are you?",
  ]);
}
