// Next.js, built and started: a page of the client, a route in Node.js, and one on the edge.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { consumer, row, versionOf } from "./support/consumer.mjs";
import { startDataPlane } from "./support/data_plane.mjs";
import { startBrowser } from "./support/pages.mjs";

/** What Next.js says about itself, and about edge routes, whoever is imported there. */
const OWN = /build cache|edge runtime/i;

let plane, browser, app, started;

before(async () => {
  plane = await startDataPlane();
  browser = await startBrowser();
  app = consumer("next");
  const said = await app.run("next", ["build"]);
  const warnings = said.split("\n").filter((line) => /warn|⚠/i.test(line) && !OWN.test(line));
  assert.deepEqual(warnings, []);
  const ready = /(http:\/\/localhost:\d+)[^]*Ready/;
  started = await app.start("next", ["start", "--port", "0", "--hostname", "localhost"], ready);
});
after(async () => {
  await started?.stop();
  await browser?.close();
  await plane?.close();
});

const ran = (what) => `\`next build\`, \`next start\`: ${what}`;

test("a page of the client delivers", async () => {
  const bytes = await browser.delivers("next-page", `${started.url}/`, plane);
  row("Next.js", versionOf("next"), ran("a page of the client"), bytes);
});

test("a page whose policy refuses WebAssembly delivers", () =>
  browser.delivers("next-refused", `${started.url}/refused`, plane, { refused: true }));

for (const runtime of ["node", "edge"]) {
  test(`a route in the runtime "${runtime}" delivers`, async () => {
    const key = `next-${runtime}`;
    const response = await fetch(`${started.url}/api/${runtime}?key=${key}&to=${plane.url}`);
    const said = await response.text();
    assert.equal(response.status, 200, `${said}\n${started.output()}`);
    const { delivered, pending } = JSON.parse(said);
    assert.deepEqual([delivered, pending], [1, 0]);
    assert.deepEqual(await plane.stored(key), ["Opened"]);
    row(
      "Next.js",
      versionOf("next"),
      ran(`a route in the runtime "${runtime}", client and server`),
    );
  });
}

test("nothing was complained about", () => {
  assert.doesNotMatch(started.output(), /warn|error|⚠|⨯/i);
});
