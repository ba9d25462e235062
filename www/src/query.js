// Ask the stream by key.
import { stream } from "./clients.js";
import { timeOf } from "./feed.js";

const form = document.querySelector('[data-testid="query-form"]');
const note = document.getElementById("query-note");
const body = document.querySelector('[data-testid="query-results"]');

const more = ({ version, files, added, removed, properties }) => {
  if (version) return version;
  if (added !== undefined) return `${files ?? "?"} files, +${added} −${removed ?? 0}`;
  return properties?.page ?? properties?.path ?? "";
};

function row(event) {
  const line = document.createElement("tr");
  line.dataset.testid = "query-row";
  const cells = [
    event.event ?? event.kind ?? `${event.type ?? ""} ${event.name ?? ""}`,
    event.repo ?? event.properties?.path ?? "",
    event.user === undefined ? (event.anonymousId?.slice(0, 8) ?? "") : `user ${event.user}`,
    timeOf(event).slice(0, 16).replace("T", " "),
    more(event),
  ];
  for (const text of cells) {
    const cell = document.createElement("td");
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

/** Runs what the form says. */
export async function ask() {
  const { key, value, key2, value2 } = form.elements;
  const where = { [key.value]: value.value.trim() };
  if (key2.value && value2.value.trim()) where[key2.value] = value2.value.trim();
  try {
    const since = performance.now();
    const items = await stream.items({ where, end: 20 });
    const took = (performance.now() - since).toFixed(1);
    body.replaceChildren(...items.map(row));
    note.textContent =
      items.length > 0
        ? `the newest ${items.length}, in ${took} ms`
        : `nothing matches, said the server after ${took} ms`;
  } catch (error) {
    body.replaceChildren();
    note.textContent = error.message;
  }
}

export function startQuery() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  document.querySelector(".chips").addEventListener("click", (event) => {
    const { query } = event.target.dataset;
    if (!query) return;
    const [[key, value], second] = [...new URLSearchParams(query)];
    form.elements.key.value = key;
    form.elements.value.value = value;
    form.elements.key2.value = second?.[0] ?? "";
    form.elements.value2.value = second?.[1] ?? "";
    ask();
  });
}
