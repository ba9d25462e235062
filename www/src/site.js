// @ts-check
// The small app: pages, screens and buttons, each of them an event.
import { byId, hook, say } from "./dom.js";
import { call } from "./trips.js";
import { PAGES, SCREENS } from "./views.js";

const SIGNED_UP = "Signed Up";
const TITLE = document.title;
const frame = byId("frame");

function current() {
  const name = new URLSearchParams(location.search).get("page") ?? "home";
  return Object.hasOwn(PAGES, name) ? name : "home";
}

/** The line of code that was just run. */
function showCall(method, ...args) {
  const shown = args.map((arg) =>
    typeof arg === "string"
      ? JSON.stringify(arg)
      : JSON.stringify(arg)
          .replace(/"(\w+)":/g, " $1: ")
          .replace("}", " }"),
  );
  say(byId("last-call"), `analytics.${method}(${shown.join(", ")})`);
}

function showView({ title, text }) {
  say(byId("view-title"), title);
  say(byId("view-text"), text);
}

/** Marks the one of the links or buttons that stands for what is shown. */
function mark(kind, name) {
  for (const element of frame.querySelectorAll("[data-page], [data-screen]")) {
    if (element.dataset[kind] === name) element.setAttribute("aria-current", "page");
    else element.removeAttribute("aria-current");
  }
}

function openPage() {
  const name = current();
  showView(PAGES[name]);
  document.title = name === "home" ? TITLE : `${PAGES[name].title} · sluicebox`;
  mark("page", name);
  say(byId("address"), `?page=${name}`);
  call("page", name);
  showCall("page", name);
}

function openScreen(name) {
  showView(SCREENS[name]);
  mark("screen", name);
  call("screen", name);
  showCall("screen", name);
}

function track(event) {
  const properties = { page: current() };
  call("track", event, properties);
  showCall("track", event, properties);
}

/** A button that stays down until it is pressed again, and says both. */
function toggle(button) {
  const on = button.getAttribute("aria-pressed") === "true";
  button.setAttribute("aria-pressed", String(!on));
  track(on ? button.dataset.on : button.dataset.off);
}

const opensElsewhere = (event) =>
  event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;

export function startSite() {
  for (const link of frame.querySelectorAll("[data-page]")) {
    link.addEventListener("click", (event) => {
      if (opensElsewhere(event)) return;
      event.preventDefault();
      history.pushState(null, "", `?page=${link.dataset.page}`);
      openPage();
    });
  }
  for (const button of frame.querySelectorAll("[data-screen]")) {
    button.addEventListener("click", () => openScreen(button.dataset.screen));
  }
  for (const button of frame.querySelectorAll("[data-on]")) {
    button.addEventListener("click", () => toggle(button));
  }
  hook("action-signup").addEventListener("click", () => {
    track(SIGNED_UP);
    showView(SCREENS.welcome);
  });
  addEventListener("popstate", openPage);
  openPage();
}
