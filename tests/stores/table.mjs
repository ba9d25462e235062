// Stores and cases as a table in Markdown.

/** `results` is, by store, the outcome of each case by its name; none: it is not the store's. */
export function table(cases, results) {
  const stores = Object.keys(results);
  const row = (cells) => `| ${cells.join(" | ")} |\n`;
  const passed = (store) => Object.values(results[store]).filter((it) => it === "passed").length;
  const sum = (store) => `${passed(store)} of ${Object.keys(results[store]).length}`;
  return [
    row(["case", ...stores]),
    row(["---", ...stores.map(() => "---")]),
    ...cases.map(({ name }) => row([name, ...stores.map((store) => results[store][name] ?? "")])),
    row(["passed", ...stores.map(sum)]),
  ].join("");
}
