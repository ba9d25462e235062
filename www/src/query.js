// @ts-check
// Asking the stream by one or two keys.
import { stream } from "./clients.js";
import { byId, hook, make, say } from "./dom.js";
import { dateOf, detailOf, nameOf, typeOf, whoOf } from "./events.js";

const PAGE = 20;
const COLUMNS = ["what", "where", "who", "when", "more"];

const form = hook("query-form");
const body = hook("query-results");
let asked = 0;

function row(event) {
  const name = nameOf(event);
  const type = typeOf(event);
  const cells = [
    type === name ? name : `${type} ${name}`,
    event.repo ?? event.properties?.path ?? "",
    whoOf(event),
    dateOf(event).slice(0, 16).replace("T", " "),
    event.repo ? detailOf(event) : (event.properties?.page ?? ""),
  ].map((text, index) =>
    make("td", { role: "cell", "data-column": COLUMNS[index] }, String(text || "–")),
  );
  return make("tr", { role: "row", "data-testid": "query-row" }, ...cells);
}

/** The conditions of the form; the second counts when it is open and filled. */
function conditions() {
  const { key, value, key2, value2 } = form.elements;
  /** @type {Record<string, string | string[]>} */
  const where = { [key.value]: value.value.trim() };
  const second = value2.value.trim();
  if (!byId("second").hidden && second) where[key2.value] = second;
  return where;
}

const asCode = (where) =>
  Object.entries(where)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join(", ");

function showFault(error) {
  const fault = byId("query-fault");
  const code = error.code ? ` (${error.code})` : "";
  say(fault, error ? `That did not work: ${error.message}${code}` : "");
  fault.hidden = false;
  byId("query-scroll").hidden = true;
  say(byId("query-note"), "");
}

function showItems(items, took) {
  body.replaceChildren(...items.map(row));
  byId("query-fault").hidden = true;
  byId("query-scroll").hidden = items.length === 0;
  byId("query-scroll").scrollTop = 0;
  const some = items.length === PAGE ? `The newest ${PAGE}` : `All ${items.length}`;
  const found = items.length > 0 ? some : "Nothing matches";
  say(byId("query-note"), `${found}, asked and answered in ${took} ms.`);
}

/** Runs what the form says; of several questions the last one's answer is shown. */
export async function ask() {
  const question = ++asked;
  const where = conditions();
  say(byId("query-code"), `stream.items({ where: { ${asCode(where)} }, end: ${PAGE} })`);
  const since = performance.now();
  try {
    const items = await stream.items({ where, end: PAGE });
    const took = (performance.now() - since).toFixed(1);
    if (question === asked) showItems(items, took);
  } catch (error) {
    if (question === asked) showFault(error);
  }
}

function openSecond(open) {
  byId("second").hidden = !open;
  byId("and").setAttribute("aria-expanded", String(open));
  say(byId("and"), open ? "− and" : "+ and");
}

/** Fills the form. @param {string} text key=value, and perhaps another after an & */
export function fill(text) {
  const [[key, value], second] = [...new URLSearchParams(text)];
  const { elements } = form;
  elements.key.value = key;
  elements.value.value = value;
  openSecond(second !== undefined);
  if (second) [elements.key2.value, elements.value2.value] = second;
}

export function startQuery() {
  openSecond(false);
  form.elements.key2.value = "kind";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  byId("and").addEventListener("click", () => {
    openSecond(byId("second").hidden);
    if (!byId("second").hidden) form.elements.key2.focus();
  });
  byId("examples").addEventListener("click", ({ target }) => {
    const { where } = target.dataset;
    if (!where) return;
    fill(where);
    ask();
  });
}
