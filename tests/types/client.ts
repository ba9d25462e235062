// Everything here must compile, and each line after `@ts-expect-error` must not.

import {
  Analytics,
  Collector,
  durableObjectStore,
  type EventStore,
  type Json,
  type Ledger,
  setId,
  setTimestamp,
  SluiceboxError,
  StreamClient,
  Streamer,
  Stride,
  type Subscription,
} from "sluicebox";

const analytics = new Analytics({
  writeKey: "key",
  dataPlaneUrl: "https://example.com",
  flushInterval: 100,
  overflow: "drop-newest",
  onError: (error, events) => {
    const code: string = error.code;
    const fault: "caller" | "server" | "transport" = error.fault;
    const lost: Json[] = events;
    void [code, fault, lost];
  },
});
analytics.track("Opened", { plan: "pro" }, { userId: 7, timestamp: new Date() });
analytics.page();
analytics.page("Home");
analytics.page("Docs", "Install", { version: 1 });
analytics.screen("Player");
analytics.identify("u1", { email: "a@b.c" }, { anonymousId: "a" });
analytics.identify({ plan: "pro" }, { integrations: { All: false } });
analytics.group(7, { size: 3 });
analytics.alias("u1");
analytics.alias("u1", "old", { messageId: "m" });
analytics.reset();
analytics.reset({ anonymousId: true });
analytics.setConsent("wait");
new Analytics({
  writeKey: "key",
  dataPlaneUrl: "https://example.com",
  trackPages: true,
  automaticContext: false,
  session: { timeout: 60_000 },
  consent: "wait",
  respectGpc: false,
  before: (event) => (event === null ? null : event),
  debug: true,
});
const ledger: Promise<Ledger> = analytics.flush({ timeout: 1000 });
const names: [string, string | null] = [analytics.anonymousId, analytics.userId];

// @ts-expect-error the write key is missing
new Analytics({ dataPlaneUrl: "https://example.com" });
// @ts-expect-error an interval is a number
new Analytics({ writeKey: "key", dataPlaneUrl: "https://example.com", flushInterval: "1s" });
// @ts-expect-error an unknown policy
new Analytics({ writeKey: "key", dataPlaneUrl: "https://example.com", overflow: "drop" });
// @ts-expect-error explaining is on or off
new Analytics({ writeKey: "key", dataPlaneUrl: "https://example.com", debug: "verbose" });
// @ts-expect-error an option that does not exist
new Analytics({ writeKey: "key", dataPlaneUrl: "https://example.com", flushIntervall: 1 });
// @ts-expect-error a session is switched off, never on
new Analytics({ writeKey: "key", dataPlaneUrl: "https://example.com", session: true });
// @ts-expect-error a group has an id
analytics.group();
// @ts-expect-error an alias has an id
analytics.alias();
// @ts-expect-error consent is one of three words
analytics.setConsent("yes");
// @ts-expect-error reset takes options, not a flag
analytics.reset(true);
// @ts-expect-error an event has a name
analytics.track();
// @ts-expect-error a screen has a name
analytics.screen();
// @ts-expect-error ids are made by the client
analytics.anonymousId = "me";
// @ts-expect-error flush takes options, not a number
analytics.flush(1000);

const collector = new Collector("key", { endpoint: "https://example.com", concurrency: 1 });
collector.start();
collector.collect("clicks", { x: 1 });
collector.collect("clicks", [{ x: 1 }, { x: 2 }]);
const stopped: Promise<Ledger> = collector.stop();
// @ts-expect-error a stream has a name
collector.collect({ x: 1 });

const event = { x: 1 };
setId(event, "one");
setTimestamp(event);
// @ts-expect-error an id is never null
setId(event, null);
// @ts-expect-error a time is a Date
setTimestamp(event, 0);

const streamer = new Streamer({ accessKey: "ak", bucketName: "B", debugLevel: 1 });
streamer.log("t", 1, 1.5);
streamer.logObject([1, 2], { keyPrefix: "cpu" });
streamer.setBucket({ bucketName: "C" });
const missed: Promise<Json[][]> = streamer.missedEvents();
const buckets: Promise<string[]> = streamer
  .missedEvents()
  .then((batches) => batches.map((batch) => batch.bucketKey));
const replayed: Promise<Ledger> = streamer.replayMissedEvents({ timeout: 1000 });
const csv: Promise<string> = streamer.exportCsv();
// @ts-expect-error there is no level 4
new Streamer({ accessKey: "ak", debugLevel: 4 });
// @ts-expect-error the access key is missing
new Streamer({});
// @ts-expect-error a value is no object
streamer.log("t", {});
// @ts-expect-error a prefix is an option
streamer.logObject({}, "prefix");
// @ts-expect-error text is no object
streamer.logObject("text");
// @ts-expect-error the key changes by setBucket
streamer.bucketKey = "k";
// @ts-expect-error a bucket has a name
streamer.setBucket({ bucketKey: "k" });

const stride = new Stride("key", { timeout: 0 });
const status: Promise<number> = stride.get("/streams").then((response) => response.statusCode);
void stride.subscribe("/streams/clicks").then(({ data }) => data);
void stride.subscribe("/streams/clicks", { via: "eventsource", after: "1", reconnect: false });
// @ts-expect-error only "stream" so far
void stride.subscribe("/streams/clicks", { via: "websocket" });

async function follow(client: StreamClient): Promise<Json | undefined> {
  const id: string | null = await client.insert({ kind: "push" }, { date: new Date() });
  const items: Json[] = await client.items({ start: 0, end: 5, where: { kind: ["push", "fork"] } });
  // @ts-expect-error a filter is a value or a list of values
  await client.items({ where: { kind: { is: "push" } } });
  const subscription: Subscription = await client.subscribe({ where: { kind: "push" } });
  for await (const one of subscription) {
    if (subscription.state === "open") return one;
    // @ts-expect-error there is no such state
    if (subscription.state === "done") return items[0];
  }
  return id;
}

try {
  analytics.track("");
} catch (error) {
  if (error instanceof SluiceboxError) {
    const code: number | undefined = error.statusCode;
    void code;
  }
}
void [ledger, names, stopped, status, follow, missed, buckets, replayed, csv];

const kept = new Map<string, unknown>();
const inObject: EventStore = durableObjectStore(
  { list: async () => kept, put: async () => {}, delete: async (keys) => keys.length },
  { prefix: "events." },
);
void new Collector("key", { storage: inObject });
void new Streamer({ accessKey: "ak", storage: inObject });
void new Collector("key", {
  storage: { append: async () => {}, load: async () => [], remove: async () => {} },
});
// @ts-expect-error a store can be read
void new Collector("key", { storage: { append: async () => {}, remove: async () => {} } });
// @ts-expect-error no such place
void new Collector("key", { storage: "disk" });
