// Streamer: buckets, events, what could not be shipped, offline rows.
import { UUID, counts, delivered, refused } from "../outcome.mjs";

export async function streamer({ Streamer }, base, step) {
  const given = { accessKey: "ak", bucketName: "B", bucketKey: "bk", storage: "none" };
  const client = new Streamer({ ...given, endpoint: `${base}/initial` });
  await step(
    "a bucket key can be given, or is a random UUID",
    () => {
      const { bucketKey } = new Streamer({ ...given, bucketKey: undefined });
      return [client.bucketKey, UUID.test(bucketKey)];
    },
    ["bk", true],
  );
  await step(
    "log and logObject",
    () => {
      client.log("t", 21.5, 5);
      client.logObject({ a: 1, b: "x" }, { keyPrefix: "p", epoch: 6 });
      client.logObject([true, false], { epoch: 7 });
      return client.flush();
    },
    delivered(5),
  );
  await step(
    "another bucket",
    () => {
      client.setBucket({ bucketName: "C", bucketKey: "ck" });
      client.log("t", 22, 8);
      return client.close();
    },
    delivered(6),
  );
  await step(
    "a key that is too long is refused",
    () => {
      const other = new Streamer(given);
      other.log("k".repeat(251), 1);
    },
    refused('"key" must have at most 250 characters, not 251'),
  );
  const refusing = new Streamer({ ...given, endpoint: `${base}/refusing` });
  await step(
    "what could not be shipped is kept",
    async () => {
      refusing.log("t", 1, 5);
      return [await refusing.close(), await refusing.missedEvents()];
    },
    [counts({ accepted: 1, rejected: 1 }), [[{ key: "t", value: 1, epoch: 5 }]]],
  );
  const offline = new Streamer({ ...given, offline: true });
  await step(
    "offline rows",
    () => {
      offline.log("a,b", 'say "hi"', 5);
      return offline.exportCsv();
    },
    '5,"a,b","say ""hi"""\r\n',
  );
}
