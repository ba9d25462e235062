// The small site: pages, screens and buttons, each of them tracked.
import { analytics, timed } from "./clients.js";

const PAGES = {
  home: ["Nugget Radio", "Songs worth digging for. This page view is on its way to the server."],
  pricing: ["Pricing", "One coin a month, or free with the sound of water in between."],
  docs: ["Docs", "Dip the pan, shake gently, look for what glitters. Repeat."],
};

const current = () => {
  const name = new URLSearchParams(location.search).get("page");
  return Object.hasOwn(PAGES, name) ? name : "home";
};

function show() {
  const name = current();
  const [title, text] = PAGES[name];
  document.getElementById("page-title").textContent = title;
  document.getElementById("page-text").textContent = text;
  for (const link of document.querySelectorAll("[data-page]")) {
    if (link.dataset.page === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  analytics.page(name, {}, timed());
}

export function startSite() {
  document.querySelector(".frame").addEventListener("click", (event) => {
    const target = event.target.closest("a, button");
    if (!target) return;
    const { page, screen, action } = target.dataset;
    if (page) {
      event.preventDefault();
      history.pushState(null, "", `?page=${page}`);
      show();
    } else if (screen) {
      analytics.screen(screen, {}, timed());
    } else if (action) {
      analytics.track(action, { page: current() }, timed());
    }
  });
  addEventListener("popstate", show);
  show();
}
