// What nobody should send, to each protocol over real HTTP: its own error comes back, nothing is
// stored by halves, and the next request works.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { createClient } from "@libsql/client";
import { serve } from "sluicebox/node";
import { createServer, libsql, memory, sql } from "sluicebox/server";

const MIB = 1024 * 1024;
const KEYS = ["kind", "key", "__proto__", "constructor"];

const folder = mkdtempSync(join(tmpdir(), "hostile-"));
const database = createClient({ url: pathToFileURL(join(folder, "events.db")).href });
const STORES = {
  memory: () => memory({ keys: KEYS }),
  SQLite: () => sql(libsql(database), { keys: KEYS }),
};
after(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

/** Initial State's takes text: a 400 that is JSON would make its clients try again. */
const isText = (response, text) => {
  assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.match(text, /^[^{].*\n$/);
};

const PROTOCOLS = {
  Stride: {
    path: "/v1/collect/hostile",
    stream: "hostile",
    body: (events) => JSON.stringify(events),
    broken: 400,
    isError(response, text) {
      assert.equal(response.headers.get("content-type"), "application/json");
      const { error, message, ...rest } = JSON.parse(text);
      assert.ok(error && error === message);
      assert.deepEqual(rest, {});
    },
  },
  "Initial State": {
    path: "/api/events",
    stream: "bucket",
    headers: { "x-is-accesskey": "ak", "x-is-bucketkey": "bucket" },
    body: (events) => JSON.stringify(events.map((event) => ({ key: "k", value: 1, ...event }))),
    broken: 400,
    takesGoodOnes: true,
    isError(response, text) {
      if (response.status === 400) isText(response, text);
      else assert.deepEqual(Object.keys(JSON.parse(text)), ["message"]);
    },
  },
  RudderStack: {
    path: "/v1/batch",
    stream: "wk",
    headers: { authorization: `Basic ${btoa("wk:")}` },
    body: (events) =>
      JSON.stringify({ batch: events.map((event) => ({ userId: "u", type: "track", ...event })) }),
    broken: 500,
    isError(response, text) {
      // The router of the gateway says nothing of a wrong method.
      if (response.status === 405) return assert.equal(text, "");
      isText(response, text);
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    },
  },
  AwesomeStream: {
    path: "/",
    stream: "default",
    single: true,
    body: ([event]) => JSON.stringify({ id: 7, method: "insert", args: [event] }),
    broken: 400,
    isError(response, text) {
      assert.equal(response.headers.get("content-type"), "application/json");
      const { id, result, error, ...rest } = JSON.parse(text);
      assert.deepEqual([id === 7 || id === null, result, rest], [true, null, {}]);
      assert.match(error, /^\w+Error: |^NotFound: /);
    },
  },
};

function speaks(host, name) {
  const { path, stream, headers, body, broken, ...is } = PROTOCOLS[name];
  const send = (content, more = {}, method = "POST") =>
    fetch(host.url + path, { method, body: content, headers: { ...headers, ...more } });

  /** In order, as they are kept. */
  const stored = async () => (await host.server.items({ stream, end: null })).reverse();

  /** What a request stores. */
  async function storedBy(work) {
    const earlier = (await stored()).length;
    await work();
    return (await stored()).slice(earlier);
  }

  const succeeds = async (event, more) => {
    const response = await send(body([event]), more);
    const text = await response.text();
    assert.ok(response.ok, `${response.status} ${text}`);
  };

  async function refuses(status, content, more, method) {
    const label = `${method ?? "POST"} ${String(content).slice(0, 60)}`;
    const added = await storedBy(async () => {
      const response = await send(content, more, method);
      const text = await response.text();
      assert.equal(response.status, status, `${label}: ${text}`);
      is.isError(response, text);
    });
    assert.deepEqual(added, [], label);
    const [next] = await storedBy(() => succeeds({ kind: "next" }));
    assert.equal(next.kind, "next");
  }

  describe(name, () => {
    test("a body that is no JSON, or of another form, is refused", async () => {
      const good = body([{ kind: "good" }]);
      const bodies = ["", "{", "nul", "5", '"text"', good.slice(0, -1), `${good}}`, `${good} 1`];
      for (const content of [...bodies, Buffer.from([0xff, 0xfe]), Buffer.from("\0\0")]) {
        await refuses(400, content);
      }
    });

    test("a body that is nested without end is refused", async () => {
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
      await refuses(400, deep);
      await refuses(400, `{"a":`.repeat(100_000));
    });

    test("a body that does not unpack is refused, and a bomb is not unpacked", async () => {
      const packed = { "content-encoding": "gzip" };
      const whole = gzipSync(body([{ kind: "good" }]));
      await refuses(broken, whole.subarray(0, whole.length - 6), packed);
      await refuses(broken, whole.subarray(0, 5), packed);
      await refuses(broken, "not packed", packed);
      await refuses(broken, Buffer.from([0, 1]), packed);
      await refuses(413, gzipSync(Buffer.alloc(64 * MIB, "[")), packed);
      const [event] = await storedBy(async () => {
        assert.ok((await send(whole, packed)).ok);
      });
      assert.equal(event.kind, "good");
    });

    test("a body that is too large is refused", async () => {
      await refuses(413, Buffer.alloc(5 * MIB, " "));
    });

    test("other methods are refused", async () => {
      for (const method of ["PUT", "PATCH"]) {
        await refuses(405, body([{ kind: "x" }]), {}, method);
      }
    });

    test("one bad event among good ones is never stored", { skip: is.single }, async () => {
      const good = JSON.parse(body([{ kind: "good" }]));
      const mixed = body([{ kind: "good" }, { kind: "bad" }]).replace(/\{[^{}]*"bad"\}/, "5");
      assert.notEqual(mixed, body([{ kind: "good" }, { kind: "bad" }]), JSON.stringify(good));
      if (!is.takesGoodOnes) return refuses(400, mixed);
      const added = await storedBy(async () => assert.equal((await send(mixed)).status, 207));
      assert.deepEqual(
        added.map(({ kind }) => kind),
        ["good"],
      );
    });

    test("hostile names and values are only names and values", async () => {
      const texts = [
        "'; DROP TABLE events; --",
        '"); DELETE FROM events WHERE ("1"="1',
        "%' OR 1=1 /*",
        "a\0b",
        "\ud800",
        "\udc00\ud800",
        "\u202e\u2028\u2029\ufeff",
        "{{constructor.constructor('return process')()}}",
        "../../etc/passwd",
        "\r\nSet-Cookie: a=b",
        "<script>alert(1)</script>",
        "😀".repeat(400),
      ];
      for (const text of texts) {
        const event = `{"kind":${JSON.stringify(text)},"__proto__":{"admin":true},"constructor":"c","":0}`;
        const [kept] = await storedBy(() =>
          // Parsed, the members are the event's own, "__proto__" too.
          succeeds(JSON.parse(event)),
        );
        const own = Object.fromEntries(
          Object.entries(kept).filter(([member]) => member in JSON.parse(event)),
        );
        assert.deepEqual(Object.entries(own), Object.entries(JSON.parse(event)));
        assert.equal({}.admin, undefined);
        // A surrogate without its other half is no text to search for: both become U+FFFD.
        const found = await host.server.items({ where: { kind: text, constructor: "c" }, stream });
        assert.deepEqual(found[0], kept, JSON.stringify(text));
      }
    });

    test("two hundred requests at once, every other one bad, are answered one by one", async () => {
      const added = await storedBy(async () => {
        const answers = await Promise.all(
          Array.from({ length: 200 }, async (_, n) => {
            const response = await send(n % 2 ? "{" : body([{ kind: "many", n }]));
            await response.arrayBuffer();
            return response;
          }),
        );
        assert.ok(answers.every(({ ok, status }, n) => (n % 2 ? status === 400 : ok)));
      });
      const numbers = added.map(({ n }) => n).sort((one, two) => one - two);
      assert.deepEqual(
        numbers,
        Array.from({ length: 100 }, (_, n) => 2 * n),
      );
    });
  });
}

function names(host) {
  describe("names of streams", () => {
    const NAMES = [
      "__proto__",
      "constructor",
      "toString",
      "a; DROP TABLE events",
      "../x",
      "%00",
      " x y",
    ];

    test("a bucket may have any name that its rules allow", async () => {
      for (const name of NAMES) {
        const target = `/api/events?accessKey=ak&bucketKey=${encodeURIComponent(name)}&t=1`;
        const { status } = await fetch(host.url + target);
        assert.equal(status, 204, name);
        const items = await host.server.items({ stream: name });
        assert.deepEqual([items.length, items[0].key], [1, "t"], name);
      }
      for (const name of ["a:b", "a'b", 'a"b', "a\nb", "a\0b", "", "k".repeat(251)]) {
        const target = `/api/events?accessKey=ak&bucketKey=${encodeURIComponent(name)}&t=1`;
        const response = await fetch(host.url + target);
        assert.equal(response.status, 400, name);
        isText(response, await response.text());
        assert.deepEqual(await host.server.items({ stream: name }), []);
      }
    });

    test("a bucket key belongs to each access key by itself", async () => {
      const send = (key, value) =>
        fetch(`${host.url}/api/events?accessKey=${key}&bucketKey=mine&t=${value}`);
      const all = await Promise.all(["one", "two", "one", "two"].map((key) => send(key, key)));
      assert.deepEqual(
        all.map(({ status }) => status),
        [204, 204, 204, 204],
      );
      for (const key of ["one", "two"]) {
        const url = `${host.url}/data/v1/events/latest?accessKey=${key}&bucketKey=mine`;
        const latest = await (await fetch(url)).json();
        assert.deepEqual(
          latest.map(({ value }) => value),
          [key],
        );
      }
      const named = await host.server.items({ stream: "mine" });
      assert.equal(new Set(named.map(({ value }) => value)).size, 1);
      assert.equal(named.length, 2);
    });

    test("requests that hold no event are answered, and store nothing", async () => {
      const before = await host.server.items({ end: null });
      const post = (body, headers) => ({ method: "POST", body, headers });
      const gateway = { authorization: `Basic ${btoa("wk:")}` };
      for (const [path, init, status] of [
        ["/v1/collect/none", post("[]"), 200],
        ["/v1/collect", post('{"none":[]}'), 200],
        ["/v1/import", post('{"batch":[]}', gateway), 200],
        ["/pixel/v1/page?userId=u", {}, 200],
        ["/pixel/v1/track?writeKey=wk&userId=u", {}, 200],
        ["/api/events?accessKey=ak&bucketKey=none", post("[]"), 204],
      ]) {
        const response = await fetch(host.url + path, init);
        assert.equal(response.status, status, path);
        await response.arrayBuffer();
      }
      assert.deepEqual(await host.server.items({ end: null }), before);
    });

    test("a write key may have any name", async () => {
      for (const name of NAMES) {
        const target = `/beacon/v1/batch?writeKey=${encodeURIComponent(name)}`;
        const body = '{"batch":[{"userId":"u","type":"track","event":"E"}]}';
        const { status } = await fetch(host.url + target, { method: "POST", body });
        assert.equal(status, 200, name);
        const events = await host.server.items({ stream: name });
        assert.equal(events[0].event, "E", name);
      }
    });

    test("a stream of Stride may not", async () => {
      for (const name of ["a-b", "%00", "a%2Fb", "..", "1a", "é", "a%20b", "__proto__"]) {
        const response = await fetch(`${host.url}/v1/collect/${name}`, {
          method: "POST",
          body: "{}",
        });
        assert.ok([404, 400].includes(response.status), `${name} ${response.status}`);
        await response.arrayBuffer();
      }
    });
  });
}

for (const [kind, store] of Object.entries(STORES)) {
  describe(`over ${kind}`, () => {
    const host = {};
    let listening;
    before(async () => {
      host.server = createServer({ store: store() });
      listening = await serve(host.server, { port: 0 });
      host.url = listening.url;
    });
    after(() => listening.close());
    for (const name of Object.keys(PROTOCOLS)) speaks(host, name);
    names(host);
  });
}
