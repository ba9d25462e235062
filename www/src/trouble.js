// @ts-check
// The switches that make trouble: the network of this page, the server, another tab.
import { byId, hook, isDisabled, say, setDisabled } from "./dom.js";
import { hurry } from "./feed.js";
import { networkIsOn, switchNetwork } from "./network.js";

/** Seconds: how long the server is stopped, and how long it is slow or refuses unless it is told otherwise. */
const STOPPED = 8;
const OTHERWISE = 30;
const TICK_MS = 250;

const fault = { name: "well", until: 0 };

/** What is wrong with the server on purpose, and for how many more seconds. */
export const serverFault = () => ({
  name: fault.name,
  seconds: Math.max(0, Math.ceil((fault.until - Date.now()) / 1000)),
});

const network = hook("network");
const faults = [.../** @type {any} */ (document.querySelectorAll("[data-fault]"))];

function toggleNetwork() {
  switchNetwork(!networkIsOn());
  network.setAttribute("aria-checked", String(networkIsOn()));
  if (networkIsOn()) hurry();
}

function show(name) {
  fault.name = name;
  for (const button of faults) {
    button.setAttribute("aria-pressed", String(button.dataset.fault === name));
    // A server that is stopped cannot be asked for anything.
    setDisabled(button, name === "stopped");
  }
}

function press(button) {
  if (isDisabled(button)) return;
  const { fault: name } = button.dataset;
  ask(fault.name === name ? "well" : name);
}

/** Goes past the switch of the network: it is not an event, and the switches do not depend on each other. */
async function ask(name) {
  const before = fault.name;
  const seconds = name === "stopped" ? STOPPED : OTHERWISE;
  fault.until = Date.now() + seconds * 1000;
  show(name);
  say(byId("server-fault"), "");
  try {
    const response = await fetch(`/demo/${name}?seconds=${seconds}`, { method: "POST" });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
  } catch (error) {
    show(before);
    const { message } = /** @type {Error} */ (error);
    say(byId("server-fault"), `The server was not asked: ${message}.`);
  }
}

/** Another tab, or this one before a reload, may have asked for something. */
async function askHowItIs() {
  if (document.hidden) return;
  try {
    const response = await fetch("/demo/now");
    const { fault: name, seconds } = await response.json();
    fault.until = Date.now() + seconds * 1000;
    show(name);
  } catch {
    // It is stopped, or no server of the demo.
  }
}

function tick() {
  const { name, seconds } = serverFault();
  if (name !== "well" && seconds === 0) {
    show("well");
    hurry();
  }
  say(byId("server-left"), name === "well" || seconds === 0 ? "" : `${seconds} s`);
}

function sayBrowser() {
  byId("browser-offline").hidden = navigator.onLine;
}

export function startTrouble() {
  askHowItIs();
  document.addEventListener("visibilitychange", askHowItIs);
  network.addEventListener("click", toggleNetwork);
  for (const button of faults) button.addEventListener("click", () => press(button));
  setInterval(tick, TICK_MS);
  addEventListener("online", sayBrowser);
  addEventListener("offline", sayBrowser);
  sayBrowser();
}
