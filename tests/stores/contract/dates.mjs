// Dates far from now.

import assert from "node:assert/strict";
import { call, collect, follow, live, numbers, range } from "./tools.mjs";

const DATES = [
  "0001-01-01T00:00:00Z",
  "1582-10-15T00:00:00Z",
  "1969-12-31T23:59:59.999Z",
  "1969-12-31T23:59:59.999999Z",
  "1970-01-01T00:00:00Z",
  "1970-01-01T00:00:00.000001Z",
  "2001-09-09T01:46:40Z",
  "2255-06-05T23:47:34.740Z",
  "2255-06-05T23:47:34.741Z",
  "2286-11-20T17:46:40Z",
  "9999-12-31T23:59:59.999999Z",
];

export const dates = [
  {
    name: "dates from the year 1 to 9999 are in order, to the microsecond",
    async run(open) {
      const server = open({ keys: ["k"] });
      // In no order at all.
      const places = range(DATES.length).map((index) => (index * 7) % DATES.length);
      await collect(
        server,
        "s",
        places.map((n) => ({ n, k: 1, $timestamp: DATES[n] })),
      );
      const wanted = range(DATES.length).reverse();
      assert.deepEqual(await numbers(server), wanted);
      assert.deepEqual(await numbers(server, { where: { k: 1 } }), wanted);
      assert.deepEqual(await numbers(server, { start: -3 }), [2, 1, 0]);
    },
  },
  {
    name: "a Date may be any that JavaScript has",
    async run(open) {
      const server = open({ keys: [] });
      for (const [n, time] of [-8.64e15, -1, 0, 1, 8.64e15].entries()) {
        await server.insert({ n }, { date: new Date(time) });
      }
      assert.deepEqual(await numbers(server), [4, 3, 2, 1, 0]);
    },
  },
  {
    name: "a stream tells dates far from now as they were",
    async run(open) {
      const server = open({ keys: [] });
      await collect(server, "s", [
        { n: 1, $timestamp: "1969-07-20T20:17:40Z" },
        { n: 2, $timestamp: "0001-01-01T00:00:00Z" },
        { n: 3, $timestamp: "9999-12-31T23:59:59.999Z" },
      ]);
      const { body } = await call(server, "GET", "/v1/collect/s");
      assert.equal(body.first, "0001-01-01T00:00:00.000Z");
      assert.equal(body.last, "9999-12-31T23:59:59.999Z");
    },
  },
  {
    name: "an event without a time of its own shows a date far from now live",
    async run(open) {
      const server = open({ keys: [] });
      const body = await follow(server, live("s"));
      const times = [-62_135_596_800_000, -1, 0, 9_007_199_254_740, 253_402_300_799_999];
      for (const time of times) await server.insert({}, { stream: "s", date: new Date(time) });
      const came = await body.take(times.length);
      assert.deepEqual(
        came.map(({ $timestamp }) => $timestamp),
        times.map((time) => new Date(time).toISOString()),
      );
      await body.cancel();
    },
  },
];
