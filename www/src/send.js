// @ts-check
// Events by the handful, and one of one's own.
import { byId, hook, say } from "./dom.js";
import { call } from "./trips.js";

const form = hook("own-form");
const { name, properties } = form.elements;
const fault = byId("own-fault");
let thrown = 0;

function throwIn(count) {
  for (let left = count; left > 0; left -= 1) call("track", "Gold Found", { grams: ++thrown });
}

/** What was typed, or a sentence about what is wrong with it. */
function typed() {
  try {
    const value = JSON.parse(properties.value.trim() || "{}");
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw 0;
    return value;
  } catch {
    throw new Error('the properties must be a JSON object, as { "grams": 3 }');
  }
}

function showCode() {
  let shown = "{ … }";
  try {
    shown = JSON.stringify(typed(), undefined, 1)
      .replace(/\s*\n\s*/g, " ")
      .replace(/"([A-Za-z_$][\w$]*)":/g, "$1:");
  } catch {
    // What is wrong is said when it is to be sent.
  }
  say(byId("own-origin"), JSON.stringify(location.origin));
  say(byId("own-name"), JSON.stringify(name.value));
  say(byId("own-properties"), shown);
}

function complain(error) {
  for (const field of [name, properties]) field.removeAttribute("aria-invalid");
  fault.hidden = !error;
  say(fault, error ? `That did not work: ${error.message}` : "");
  if (!error) return;
  const field = name.value.trim() === "" ? name : properties;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

function sendOwn(event) {
  event.preventDefault();
  try {
    call("track", name.value.trim(), typed());
    complain(undefined);
    say(byId("own-said"), `${name.value.trim()} is accepted.`);
  } catch (error) {
    complain(error);
  }
}

async function copy() {
  const text = [...byId("own-code").children].map((line) => line.textContent).join("\n");
  try {
    await navigator.clipboard.writeText(text);
    say(byId("own-said"), "Copied.");
  } catch {
    getSelection()?.selectAllChildren(byId("own-code"));
    say(byId("own-said"), "Selected: copy it with your keyboard.");
  }
}

export function startSend() {
  for (const button of /** @type {any} */ (document.querySelectorAll("[data-send]"))) {
    button.addEventListener("click", () => throwIn(Number(button.dataset.send)));
  }
  form.addEventListener("submit", sendOwn);
  form.addEventListener("input", showCode);
  hook("own-copy").addEventListener("click", copy);
  showCode();
}
