// A strict reader of Prometheus' text format 0.0.4:
// https://prometheus.io/docs/instrumenting/exposition_formats/

import assert from "node:assert/strict";

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^(${NAME})(\\{${LABEL}(?:,${LABEL})*\\})? (\\S+)$`);
const TYPES = ["counter", "gauge", "histogram", "summary", "untyped"];

/** All samples by name and labels; throws for what a scraper would not take or not understand. */
export function samples(text) {
  assert.ok(text.endsWith("\n"), "the last line must end");
  const found = new Map();
  const families = new Map();
  let family;
  for (const line of text.slice(0, -1).split("\n")) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") {
      assert.ok(!families.has(name), `${name} is there twice`);
      assert.match(name, new RegExp(`^${NAME}$`));
      families.set(name, undefined);
      family = name;
    } else if (kind === "TYPE") {
      assert.equal(name, family, "TYPE follows its HELP");
      assert.ok(TYPES.includes(rest), rest);
      assert.equal(rest === "counter", name.endsWith("_total"), `the name ${name}`);
      families.set(name, rest);
    } else {
      const [, sample, labels = "", value] =
        SAMPLE.exec(line) ?? assert.fail(`not a line: ${line}`);
      const suffixes = families.get(family) === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
      assert.ok(
        suffixes.some((suffix) => sample === family + suffix),
        `${sample} in ${family}`,
      );
      assert.ok(value !== "" && Number.isFinite(Number(value)), line);
      assert.ok(!found.has(sample + labels), `${sample}${labels} is there twice`);
      found.set(sample + labels, Number(value));
    }
  }
  for (const [name, type] of families) {
    assert.ok(type, `${name} has no type`);
    if (type === "histogram") isHistogram(name, found);
  }
  return found;
}

/** The counts rise with their limits, and the last is all. */
function isHistogram(name, found) {
  const buckets = [...found].filter(([key]) => key.startsWith(`${name}_bucket{le="`));
  const limits = buckets.map(([key]) =>
    Number(/le="([^"]*)"/.exec(key)[1].replace("+Inf", "Infinity")),
  );
  const counts = buckets.map(([, count]) => count);
  for (const list of [limits, counts])
    assert.deepEqual(
      list,
      list.toSorted((a, b) => a - b),
    );
  assert.equal(limits.at(-1), Infinity);
  assert.equal(counts.at(-1), found.get(`${name}_count`));
  assert.ok(found.get(`${name}_sum`) >= 0);
}
