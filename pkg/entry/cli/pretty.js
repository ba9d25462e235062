// One event as one line for people.
import { parseKeeping, plain } from "./texts.js";

const STYLES = { time: 90, name: "1;36", key: 34, value: 0 };

/** `paint(style, text)`: in colour where `stream` shows colours (https://no-color.org). */
export function painter(stream) {
  const isPlain = process.env.NO_COLOR || (stream.getColorDepth?.() ?? 1) < 4;
  return (style, text) => (isPlain ? text : `\x1b[${STYLES[style]}m${text}\x1b[0m`);
}

/** What an event may hold must not steer the terminal: control characters, and those that turn text around. */
const STEERING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
export const harmless = (text) =>
  text.replace(STEERING, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Where an event says when it happened, and what it is; the first that it has. */
const TIMES = ["timestamp", "$timestamp", "originalTimestamp", "date", "epoch", "receivedAt"];
const NAMES = ["event", "name", "type", "kind", "key"];
/** What the line need not repeat. */
const HIDDEN = new Set(["$id", "messageId", "rudderId", "$timestamp", "sentAt", "request_ip"]);

const two = (number) => String(number).padStart(2, "0");

/** In local time; of another day with its date. */
function timeOf(value) {
  const time = new Date(typeof value === "number" ? value * 1000 : value);
  if (Number.isNaN(time.getTime())) return "";
  const millis = String(time.getMilliseconds()).padStart(3, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  if (time.toDateString() === new Date().toDateString()) return `${clock}.${millis}`;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

/** The JSON text of an event, cut to `columns`, so that it is a line. */
export function pretty(json, paint, columns = Infinity) {
  const event = JSON.parse(json);
  if (event === null || typeof event !== "object") return harmless(json);
  const timeKey = TIMES.find((key) => timeOf(event[key] ?? NaN));
  const nameKey = NAMES.find((key) => typeof event[key] === "string" && event[key]);
  const parts = [
    ["time", timeKey ? timeOf(event[timeKey]) : "-"],
    ["name", `  ${nameKey ? harmless(event[nameKey]) : "event"}`],
  ];
  for (const [key, value] of Object.entries(parseKeeping(json))) {
    if (key === timeKey || key === nameKey || HIDDEN.has(key)) continue;
    const text =
      typeof value === "string" && /^[^\s="]+$/.test(value) ? value : JSON.stringify(value);
    parts.push(["key", `  ${harmless(key)}=`], ["value", harmless(plain(text))]);
  }
  let line = "";
  let room = columns;
  for (const [style, text] of parts) {
    if (room <= 0) break;
    line += paint(style, text.length > room ? `${text.slice(0, room - 1)}…` : text);
    room -= text.length;
  }
  return line;
}
