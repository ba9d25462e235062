// What a caller who names types gets: each line must compile, and those after `@ts-expect-error` must not.

import {
  Analytics,
  Collector,
  type Json,
  StreamClient,
  Stride,
  type StrideResponse,
  type Subscription,
} from "sluicebox";

interface Events {
  "Order Completed": { total: number; coupon?: string };
  "Signed Up": {};
  "Plan Chosen": { plan?: "free" | "pro" };
  "Logged Out": Record<string, never>;
}

const options = { writeKey: "key", dataPlaneUrl: "https://example.com" };
const analytics = new Analytics<Events>(options);
analytics.track("Order Completed", { total: 7 });
analytics.track("Order Completed", { total: 7, coupon: "A" }, { userId: "u" });
analytics.track("Signed Up");
analytics.track("Signed Up", {});
analytics.track("Plan Chosen");
analytics.track("Plan Chosen", { plan: "pro" });
analytics.track("Plan Chosen", undefined, { userId: "u" });
analytics.track("Logged Out");
analytics.page("Home", { any: 1 });
// @ts-expect-error a name that is not in the map
analytics.track("Order Complete", { total: 7 });
// @ts-expect-error properties that must be there
analytics.track("Order Completed");
// @ts-expect-error a property that must be there
analytics.track("Order Completed", {});
// @ts-expect-error a property of another type
analytics.track("Order Completed", { total: "7" });
// @ts-expect-error a property that is not in the map
analytics.track("Order Completed", { total: 7, currency: "EUR" });
// @ts-expect-error another plan
analytics.track("Plan Chosen", { plan: "max" });
// @ts-expect-error no properties at all
analytics.track("Logged Out", { reason: "idle" });
// @ts-expect-error an unknown option of the event
analytics.track("Signed Up", {}, { user: "u" });
// @ts-expect-error more than there is
analytics.track("Signed Up", {}, {}, {});
// @ts-expect-error properties are objects
new Analytics<{ Opened: string }>(options);

/** A name from a list, and properties that are made elsewhere. */
function forward<Name extends keyof Events>(name: Name, properties: Events[Name]): void {
  const any: Analytics<any> = analytics;
  any.track(name, properties);
  any.track("whatever", { x: 1 });
}
for (const name of ["Signed Up", "Plan Chosen"] as const) analytics.track(name);
void forward;

// Without a map, any name and any properties; a variable for a name too.
const open = new Analytics(options);
const name: string = "Opened";
const properties: object | undefined = { plan: "pro" } as object;
open.track(name, properties, { userId: 7 });
open.track(name);
class Order {
  total = 1;
}
open.track(name, new Order());
const asMethod: (event: string, properties?: object) => void = open.track.bind(open);
void asMethod;
// @ts-expect-error properties are an object
open.track(name, "pro");

const collector = new Collector<{ clicks: { x: number }; raw: unknown }>("key");
collector.collect("clicks", { x: 1 });
collector.collect("clicks", [{ x: 1 }, { x: 2 }]);
collector.collect("clicks", [{ x: 1 }] as readonly { x: number }[]);
collector.collect("raw", [1, { y: 2 }]);
// @ts-expect-error no such stream
collector.collect("click", { x: 1 });
// @ts-expect-error an event of another form
collector.collect("clicks", { y: 1 });
// @ts-expect-error one event of the array is of another form
collector.collect("clicks", [{ x: 1 }, { x: "2" }]);

async function read(stride: Stride, client: StreamClient): Promise<void> {
  interface Click {
    $id: string;
    x: number;
  }
  const streams: StrideResponse<string[]> = await stride.get<string[]>("/collect");
  const first: string | undefined = streams.data[0];
  const unnamed: Json | null = (await stride.get("/collect")).data;
  const clicks: Click[] = await client.items<Click>({ end: 1 });
  // @ts-expect-error there may be none
  const one: Click = clicks[0];
  const live: Subscription<Click> = await client.subscribe<Click>({ where: { x: 1 } });
  for await (const { x } of live) void (x satisfies number);
  for await (const event of await client.subscribe()) void (event satisfies Json);
  const { data } = await stride.subscribe<Click>("/collect/clicks");
  for await (const { $id } of data) void ($id satisfies string);
  // @ts-expect-error a number is no text
  for await (const { x } of data) void (x satisfies string);
  void [first, unnamed, one];
}
void read;
