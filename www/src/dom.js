// @ts-check
// The little the page needs to reach and make elements.

/** @param {string} id @returns {any} the element of this id */
export const byId = (id) => document.getElementById(id);

/** @param {string} name @returns {any} the element of this test hook */
export const hook = (name) => document.querySelector(`[data-testid="${name}"]`);

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Touches the document only when the text is another one. @param {Node} node @param {string} text */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A button that can do nothing now keeps the focus, unlike one with `disabled`. @param {Element} button @param {boolean} isOff */
export const setDisabled = (button, isOff) => button.setAttribute("aria-disabled", String(isOff));

/** @param {Element} button */
export const isDisabled = (button) => button.getAttribute("aria-disabled") === "true";

/** @param {number} number as people write it: 29,296 */
export const grouped = (number) => Math.round(number).toLocaleString("en");

/** @param {number} ms as people write it: 58 ms, 9.0 s */
export const duration = (ms) =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

export const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** Calls back with whether the element can be seen now. @param {Element} element @param {(seen: boolean) => void} callback */
export function whileSeen(element, callback) {
  let inView = false;
  const tell = () => callback(inView && !document.hidden);
  document.addEventListener("visibilitychange", tell);
  new IntersectionObserver((entries) => {
    inView = entries[entries.length - 1].isIntersecting;
    tell();
  }).observe(element);
}
