// @ts-check
// How events of all kinds are called on this page.

/** @typedef {Record<string, any>} Event an event as the server gives it */

/** @param {Event} event track: its event; page and screen: its name; activity: its kind */
export const nameOf = (event) =>
  String(event.event ?? event.name ?? event.kind ?? event.type ?? "event");

/** @param {Event} event */
export const typeOf = (event) => String(event.type ?? event.kind ?? "event");

/** @param {Event} event when it happened, as ISO 8601 text, or nothing */
export const dateOf = (event) =>
  String(event.date ?? event.originalTimestamp ?? event.timestamp ?? event.$timestamp ?? "");

/** @param {Event} event what tells it from its neighbours, in a few words */
export function detailOf(event) {
  const { version, files, added, removed = 0, properties } = event;
  if (version !== undefined) return String(version);
  if (added !== undefined || files !== undefined) {
    const lines = added === undefined ? "" : ` +${added} −${removed}`;
    return `${files ?? "?"} ${files === 1 ? "file" : "files"}${lines}`;
  }
  return String(properties?.page ?? properties?.path ?? "");
}

/** @param {Event} event who did it */
export const whoOf = (event) =>
  event.user === undefined
    ? String(event.userId ?? event.anonymousId ?? "").slice(0, 8)
    : `user ${event.user}`;
