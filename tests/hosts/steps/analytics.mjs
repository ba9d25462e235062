// Analytics: every call, consent, the queue, close.
import { UUID, counts, delivered, refused } from "../outcome.mjs";

export async function analytics({ Analytics }, base, step) {
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
