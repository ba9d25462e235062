// A store against a list that is sorted and searched naively.

import assert from "node:assert/strict";
import { call, dice, numbers, range } from "./tools.mjs";

const BATCHES = 40;
const QUERIES = 400;
/** How many values each key has: few, some, many. */
const KEYS = { few: 2, some: 7, many: 200 };
const STREAMS = ["s", "t"];
const NOON = 1_700_000_000_000;

function event(below, n) {
  // Often in order, sometimes on the same moment, sometimes far back.
  const back = below(4) === 0 ? below(2000) : 0;
  const event = { $id: below(10) === 0 ? below(n + 1) : n, n };
  event.$timestamp = NOON + (Math.floor(n / 3) - back) * 1000;
  for (const [key, count] of Object.entries(KEYS)) {
    const value = below(count);
    const forms = [null, undefined, [value, String(below(count)), value], String(value)];
    const form = below(10);
    event[key] = form < forms.length ? forms[form] : value;
  }
  return event;
}

class World {
  constructor(server, seed) {
    this.server = server;
    this.below = dice(seed);
    this.model = [];
    this.n = 0;
    this.sequence = 0;
  }

  async insert() {
    const body = { s: [], t: [] };
    for (const _ of range(this.below(20) + 1)) {
      body[STREAMS[this.below(2)]].push(event(this.below, this.n));
      this.n += 1;
    }
    const { status } = await call(this.server, "POST", "/v1/collect", body);
    assert.equal(status, 200);
    for (const stream of STREAMS) {
      for (const event of body[stream]) {
        const isKnown = (it) => it.stream === stream && it.$id === event.$id;
        if (!this.model.some(isKnown)) {
          this.model.push({ ...event, stream, sequence: this.sequence++ });
        }
      }
    }
    this.model.sort((a, b) => b.$timestamp - a.$timestamp || b.sequence - a.sequence);
  }

  async drop() {
    const stream = STREAMS[this.below(2)];
    await call(this.server, "DELETE", `/v1/collect/${stream}`);
    this.model = this.model.filter((event) => event.stream !== stream);
  }

  query() {
    const { below } = this;
    const where = {};
    for (const [key, count] of Object.entries(KEYS)) {
      const form = below(5);
      if (form === 0) where[key] = below(count + 1);
      if (form === 1) where[key] = range(below(count < 10 ? 4 : 40)).map(() => below(count + 1));
    }
    const index = () => below(600) - 300;
    const [start, end] = [() => [0, 20], () => [index(), index()], () => [index(), null]][
      below(3)
    ]();
    return { where, start, end, stream: below(4) === 0 ? STREAMS[below(2)] : undefined };
  }

  async check() {
    const query = this.query();
    const texts = (value) => (Array.isArray(value) ? value : [value]).map(String);
    const isWanted = (event) =>
      (!query.stream || event.stream === query.stream) &&
      Object.entries(query.where).every(([key, any]) => {
        const values = event[key] == null ? [] : texts(event[key]);
        return values.some((value) => texts(any).includes(value));
      });
    const wanted = this.model.filter(isWanted).slice(query.start, query.end ?? undefined);
    assert.deepEqual(
      await numbers(this.server, query),
      wanted.map(({ n }) => n),
      JSON.stringify(query),
    );
  }
}

export const random = [1, 2].map((seed) => ({
  name: `random events and queries, as a sorted list has them (seed ${seed})`,
  async run(open) {
    const world = new World(open({ keys: Object.keys(KEYS) }), seed);
    for (const _ of range(5)) await world.insert();
    for (const step of range(BATCHES + QUERIES)) {
      if (step === 200) await world.drop();
      else if (step % 11 === 0) await world.insert();
      else await world.check();
    }
  },
}));
