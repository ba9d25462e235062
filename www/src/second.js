// @ts-check
// A second tab, which has no network from its first moment: what it accepts can only be stored.
import { byId, hook, say, setDisabled } from "./dom.js";
import { networkIsOn } from "./network.js";
import { onChange } from "./state.js";

const POLL_MS = 200;

/** @type {Window | null} */
let tab = null;
let adoptedBefore = 0;
let adopted = 0;

const isOpen = () => tab !== null && !tab.closed;

function show() {
  setDisabled(hook("tab-close"), !isOpen());
  setDisabled(hook("tab-open"), isOpen());
}

function open() {
  if (isOpen()) return;
  adoptedBefore = adopted;
  tab = window.open("tab.html", "sluicebox-second", "popup,width=440,height=620");
  say(
    byId("tab-said"),
    tab
      ? "It has tracked 12 events and cannot send them. See them in the storage below, then close it."
      : "The browser did not open it. Allow this page to open windows.",
  );
  show();
}

function watch() {
  if (tab && tab.closed) {
    tab = null;
    // It told this tab that nothing gets through, which was true of itself alone.
    if (networkIsOn()) dispatchEvent(new Event("online"));
    say(byId("tab-said"), "It is closed. This tab takes over what it left …");
    show();
  }
  if (adopted > adoptedBefore && tab === null) {
    say(byId("tab-said"), `This tab has adopted ${adopted - adoptedBefore} events.`);
  }
}

export function startSecond() {
  onChange((now) => (adopted = now.adopted));
  hook("tab-open").addEventListener("click", open);
  hook("tab-close").addEventListener("click", () => tab?.close());
  setInterval(watch, POLL_MS);
  show();
}
