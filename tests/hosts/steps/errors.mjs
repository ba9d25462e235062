// What is refused, and how it is told.
import { refused } from "../outcome.mjs";

export async function errors(sluicebox, base, step) {
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
    refused('"url" must be a URL that starts with http:// or https://, without a query or a user'),
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
