// Analytics where there is no page: ids with each call, many users, and what a call may be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Analytics } from "sluicebox";
import { refuses } from "./errors.mjs";
import { answersWith, base, requests } from "./recorder.mjs";

const make = (options) => new Analytics({ writeKey: "wk", dataPlaneUrl: base, ...options });

/** The events that these calls send. */
async function sent(act, options) {
  const client = make(options);
  act(client);
  const ledger = await client.close();
  assert.equal(ledger.accepted, ledger.delivered);
  return requests.flatMap(({ body }) => body.batch);
}

test("the six calls and screen are one batch, in order, in the form of the specification", async () => {
  const client = make();
  client.identify("u1", { email: "a@b.c" });
  client.track("Signed up", { plan: "pro" }, { userId: 7, context: { ip: "1.1.1.1" } });
  client.page("cat", "nm", { k: 1 });
  client.screen("Player", { song: "x" }, { messageId: "m-1", timestamp: new Date(0) });
  client.group("g1", { size: 3 }, { userId: "u1" });
  client.alias("u1", "old");
  await client.close();
  const [{ url, headers, body }] = requests;
  assert.equal(url, "/v1/batch");
  assert.equal(headers.authorization, "Basic d2s6");
  assert.match(body.sentAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(new Set(body.batch.map(({ messageId }) => messageId)).size, 6);
  for (const event of body.batch) {
    assert.equal(event.channel, "server");
    assert.equal(event.context.library.name, "sluicebox");
    assert.deepEqual(event.integrations, { All: true });
  }
  const [identify, track, page, screen, group, alias] = body.batch;
  assert.deepEqual([identify.type, identify.userId], ["identify", "u1"]);
  assert.deepEqual(identify.context.traits, { email: "a@b.c" });
  assert.deepEqual([track.type, track.event, track.userId], ["track", "Signed up", "7"]);
  assert.deepEqual([track.properties, track.context.ip], [{ plan: "pro" }, "1.1.1.1"]);
  assert.deepEqual([page.type, page.category, page.name], ["page", "cat", "nm"]);
  assert.deepEqual(page.properties, { name: "nm", category: "cat", k: 1 });
  assert.deepEqual([screen.type, screen.messageId, screen.name], ["screen", "m-1", "Player"]);
  const epoch = "1970-01-01T00:00:00.000Z";
  assert.deepEqual([screen.timestamp, screen.originalTimestamp], [epoch, epoch]);
  assert.deepEqual([group.groupId, group.traits, group.userId], ["g1", { size: 3 }, "u1"]);
  assert.deepEqual([alias.userId, alias.previousId], ["u1", "old"]);
});

test("each overload says what it says", async () => {
  const events = await sent((client) => {
    client.page();
    client.page("only");
    client.page("name", { k: 1 }, { userId: "u" });
    client.page(undefined, { k: 2 });
    client.page(null, "Home", { k: 3 });
    client.screen("cat", "name");
    client.identify({ plan: "pro" }, { anonymousId: "a" });
    client.identify(null, { plan: "free" });
    client.alias("new");
  });
  const [none, only, named, unnamed, home, screen, traits, kept, alias] = events;
  assert.deepEqual([none.name, none.properties], [undefined, {}]);
  assert.deepEqual([only.name, only.category], ["only", undefined]);
  assert.deepEqual([named.properties, named.userId], [{ name: "name", k: 1 }, "u"]);
  assert.deepEqual(unnamed.properties, { k: 2 });
  assert.deepEqual([home.category, home.properties], [undefined, { name: "Home", k: 3 }]);
  assert.deepEqual([screen.category, screen.name], ["cat", "name"]);
  assert.deepEqual([traits.context.traits, traits.anonymousId], [{ plan: "pro" }, "a"]);
  assert.equal(kept.context.traits.plan, "free");
  assert.equal(alias.previousId, none.anonymousId);
});

test("a call that names its user is about nobody else", async () => {
  const [, first, second, third] = await sent((client) => {
    client.identify("u1", { secret: 1 });
    client.track("A", {}, { userId: "u2" });
    client.track("B", {}, { anonymousId: "a3" });
    client.track("C");
  });
  assert.deepEqual(
    [first.userId, first.anonymousId, first.context.traits],
    ["u2", undefined, undefined],
  );
  assert.deepEqual([second.userId, second.anonymousId], [undefined, "a3"]);
  assert.deepEqual([third.userId, third.context.traits], ["u1", { secret: 1 }]);
});

test("identify, reset and the ids that can be read", async () => {
  const client = make();
  assert.equal(client.userId, null);
  const { anonymousId } = client;
  assert.match(anonymousId, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  client.identify(23);
  assert.equal(client.userId, "23");
  client.reset();
  assert.deepEqual([client.userId, client.anonymousId], [null, anonymousId]);
  client.reset({ anonymousId: true });
  assert.notEqual(client.anonymousId, anonymousId);
  await client.close();
});

test("what JSON cannot say is named in the context", async () => {
  const [event] = await sent((client) => client.track("E", { n: NaN, big: 1n, fine: null }));
  assert.deepEqual(event.properties, { n: null, big: "1", fine: null });
  assert.deepEqual(event.context.altered, ["properties.n", "properties.big"]);
});

test("what cannot be read of traits, properties or context is null and named; the call goes on", async () => {
  const bad = () => ({
    fine: 1,
    get worse() {
      throw new Error("no");
    },
  });
  const cycle = { n: 1n };
  cycle.self = { cycle };
  const events = await sent((client) => {
    client.identify("u", bad());
    client.identify("u", cycle);
    client.identify("u", cycle);
    client.group("g", cycle);
    client.group("g", bad());
    client.page("P", bad());
    client.track("E", bad(), { context: bad() });
  });
  const altered = events.map(({ context }) => context.altered);
  assert.deepEqual(altered[0], ["context.traits.worse"]);
  assert.deepEqual(altered[2], ["context.traits.n", "context.traits.self.cycle"]);
  assert.deepEqual(altered[4], ["traits.worse"]);
  assert.deepEqual(altered[5], ["properties.worse"]);
  assert.deepEqual(altered[6], ["context.worse", "properties.worse"]);
  const [group, page, track] = events.slice(4);
  const self = { cycle: null };
  assert.deepEqual(group.traits, { n: "1", self, fine: 1, worse: null });
  assert.deepEqual(page.properties, { name: "P", fine: 1, worse: null });
  assert.deepEqual([track.context.fine, track.context.worse], [1, null]);
});

test("traits are as they were at the call, and an undefined one takes away what was there", async () => {
  const traits = { plan: { name: "pro" }, tags: ["a"], old: 1 };
  const events = await sent((client) => {
    client.identify("u", traits);
    traits.plan.name = "free";
    traits.tags.push("b");
    client.identify("u", { old: undefined });
    client.track("E");
  });
  assert.deepEqual(events.at(-1).context.traits, { plan: { name: "pro" }, tags: ["a"] });
});

test("before may change an event, or discard it, or fail without harm", async () => {
  const log = console.error;
  const said = [];
  console.error = (error) => said.push(error.message);
  try {
    const events = await sent(
      (client) => {
        for (const name of ["changed", "discarded", "failed", "forgotten"])
          client.track(name, { ip: 1 });
      },
      {
        before(event) {
          assert.ok(event.messageId && event.originalTimestamp);
          if (event.event === "discarded") return null;
          if (event.event === "failed") throw new Error("no");
          if (event.event === "forgotten") return undefined;
          return { ...event, properties: {} };
        },
      },
    );
    assert.deepEqual(
      events.map(({ event, properties }) => [event, properties]),
      [["changed", {}]],
    );
    assert.deepEqual(said, ["no"]);
  } finally {
    console.error = log;
  }
});

test("a retry says which it is and why, with the same ids and a fresh time", async () => {
  answersWith([[500]]);
  await sent((client) => client.track("E"));
  const [first, second] = requests;
  assert.equal(first.headers["rsa-retry-attempt"], undefined);
  assert.equal(second.headers["rsa-retry-attempt"], "1");
  assert.equal(second.headers["rsa-retry-reason"], "server-500");
  assert.ok(Number(second.headers["rsa-since-first-attempt"]) >= 0);
  assert.equal(second.headers["rsa-since-last-attempt"], second.headers["rsa-since-first-attempt"]);
  assert.equal(second.body.batch[0].messageId, first.body.batch[0].messageId);
  assert.ok(second.body.sentAt >= first.body.sentAt);
});

test("a body is compressed where it has 1,024 characters or more", async () => {
  await sent((client) => client.track("E"));
  await sent((client) => client.track("E", { text: "x".repeat(1024) }));
  assert.deepEqual(
    requests.map(({ gzip }) => gzip),
    [false, true],
  );
});

test("what is put together while another request is answered says when it was sent", async () => {
  let answered;
  const slowly = async (...request) => {
    const answer = await fetch(...request);
    if (!answered) await new Promise((resolve) => setTimeout(resolve, 500));
    answered ??= Date.now();
    return answer;
  };
  const numbers = Array.from({ length: 40 }, (_, n) => n);
  await sent((client) => numbers.forEach((n) => client.track("E", { n, text: "x".repeat(n) })), {
    batchSize: 20,
    fetch: slowly,
  });
  const [first, second] = requests;
  assert.ok(second.gzip, "it was compressed without its end");
  const all = [...first.body.batch, ...second.body.batch];
  assert.deepEqual(
    all.map(({ properties }) => properties.n),
    numbers,
  );
  const [one, other] = [first, second].map(({ body }) => Date.parse(body.sentAt));
  assert.ok(other >= one + 450 && other >= answered - 50, `sent at ${one} and ${other}`);
});

test("onError tells the server's words and gives the events as they were accepted", async () => {
  answersWith([[400, "invalid json\n"]]);
  const told = [];
  const client = make({ onError: (error, events) => told.push([error, events]) });
  client.track("E", { k: 1 });
  const ledger = await client.close();
  assert.deepEqual([ledger.rejected, ledger.pending], [1, 0]);
  const [[error, [event]]] = told;
  assert.deepEqual([error.code, error.fault, error.statusCode], ["rejected", "server", 400]);
  assert.match(error.message, /: invalid json$/);
  assert.deepEqual(event, requests[0].body.batch[0]);
});

test("an event that used up its attempts is told with the last answer's words", async () => {
  answersWith([[500], [503, "down for repair"]]);
  const told = [];
  const client = make({ maxAttempts: 2, onError: (error) => told.push(error) });
  client.track("E");
  const { expired, pending } = await client.close();
  assert.deepEqual([expired, pending, requests.length], [1, 0, 2]);
  const [{ code, fault, statusCode, message }] = told;
  assert.deepEqual([code, fault, statusCode], ["expired", "transport", 503]);
  assert.match(message, /: down for repair$/);
});

test("consent holds events back, and a refusal drops them with a reason", async () => {
  const told = [];
  const client = make({
    consent: "wait",
    flushInterval: 1,
    onError: ({ code }) => told.push(code),
  });
  client.track("A");
  assert.equal((await client.flush()).pending, 1);
  client.setConsent("refuse");
  client.track("B");
  client.setConsent("granted");
  client.track("C");
  const { accepted, delivered, dropped } = await client.close();
  assert.deepEqual([accepted, delivered, dropped], [2, 1, 1]);
  assert.deepEqual(told, ["consent_refused"]);
  assert.deepEqual(
    requests.flatMap(({ body }) => body.batch.map(({ event }) => event)),
    ["C"],
  );
});

test("bad arguments throw at the call and name the argument", () => {
  const client = make();
  const bad = (act, words) => refuses(act, "invalid_argument", words);
  bad(() => client.identify(), /"userId"/);
  bad(() => client.identify(" "), /"userId"/);
  bad(() => client.identify("u", 1), /"traits"/);
  bad(() => client.track(""), /"event"/);
  bad(() => client.track("e", []), /"properties"/);
  bad(() => client.track("e", {}, { timestamp: "now" }), /"options.timestamp"/);
  bad(() => client.track("e", {}, { timestamp: 5 }), /"options.timestamp"/);
  bad(() => client.page("p", new Date()), /"properties" must be an object/);
  bad(() => client.identify("u", new Date()), /"traits" must be an object/);
  bad(() => client.track("e", {}, { userId: NaN }), /"options.userId"/);
  bad(() => client.track("e", {}, { context: 1 }), /"options.context"/);
  bad(() => client.screen(), /"name"/);
  bad(() => client.group(), /"groupId"/);
  bad(() => client.alias(), /"userId"/);
  bad(() => client.setConsent("maybe"), /"consent"/);
  bad(() => client.setConsent(), /"consent"/);
  bad(() => make({ session: true }), /"session"/);
  bad(() => make({ before: {} }), /"before"/);
  refuses(() => client.track("e", { x: "y".repeat(5e6) }), "payload_too_large", /4095000/);
  assert.equal(client.ledger().accepted, 0);
});

test("a closed client takes nothing", async () => {
  const client = make();
  await client.close();
  refuses(() => client.track("late"), "not_running", /closed/);
  const waits = make({ consent: "wait" });
  waits.track("E");
  await waits.close();
  waits.setConsent("granted");
  assert.equal((await waits.flush()).pending, 1);
  assert.equal(requests.length, 0);
});
