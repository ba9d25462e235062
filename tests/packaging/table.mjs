// Writes tests/artifacts/hosts.md from what the tests of this run found to work.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { at, isMain } from "../../pkg/scripts/lib.mjs";
import { ROWS } from "./support/consumer.mjs";

const HEAD = `# Where the package works as npm installs it

Each row is a consumer in \`tests/packaging\` that installs the packed package and delivers an event to a
stream server; a page also has it in IndexedDB meanwhile, and does the same where its policy refuses
WebAssembly. Nothing is configured for the package but what the row names. A host that does not work has no
row, and its test fails. Bytes are JavaScript after brotli (level 11) of a page with one event, with all
that its bundler adds: first what it loads at once, later what stores the event.

`;

const number = (bytes) => (bytes ? bytes.toLocaleString("en") : "");

function table() {
  if (!existsSync(ROWS)) return HEAD;
  const rows = readdirSync(ROWS)
    .map((file) => JSON.parse(readFileSync(`${ROWS}/${file}`, "utf8")))
    .sort((a, b) => a.host.localeCompare(b.host) || a.ran.localeCompare(b.ran))
    .map(({ host, version, ran, result, first, later }) => [
      host,
      version,
      ran,
      result ?? "delivered",
      number(first),
      number(later),
    ]);
  const titles = ["host", "version", "what was run", "result", "first bytes", "later bytes"];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column].length)),
  );
  const line = (cells) =>
    `| ${cells.map((cell, column) => (column > 3 ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column > 3 ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return `${HEAD}${[line(titles), line(rule), ...rows.map(line)].join("\n")}\n`;
}

if (isMain(import.meta.url)) {
  const text = table();
  writeFileSync(at("tests/artifacts/hosts.md"), text);
  console.log(text);
}
