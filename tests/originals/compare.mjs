// Compares what two clients did, member by member, against the list of differences that are meant.

import { isDeepStrictEqual } from "node:util";

/** What a member is on the side that does not have it. */
export const ABSENT = Object.freeze({ toJSON: () => "‹absent›" });

/** Every member in which the two differ: { at, original, ours }, as in `requests[0].headers.accept`. */
export function differences(original, ours, at = "") {
  if (isDeepStrictEqual(original, ours)) return [];
  const [one, two] = [kind(original), kind(ours)];
  if (one !== two || one === "value") return [{ at, original, ours }];
  const names = new Set([...Object.keys(original), ...Object.keys(ours)]);
  return [...names].flatMap((name) => {
    const inside = one === "list" ? `${at}[${name}]` : at ? `${at}.${name}` : name;
    return differences(member(original, name), member(ours, name), inside);
  });
}

const kind = (value) =>
  Array.isArray(value)
    ? "list"
    : value !== null && typeof value === "object" && value !== ABSENT
      ? "members"
      : "value";

/** In JSON an undefined member is none. */
const member = (value, name) =>
  Object.hasOwn(value, name) && value[name] !== undefined ? value[name] : ABSENT;

/**
 * The differences that are meant. Each is
 *
 *   { at, original, ours, why, in }
 *
 * `at` is the member, `*` stands for one name or number and `**` for any; `original` and `ours` are
 * the values, a RegExp for values that vary, ABSENT for none; `in` lists the scenarios that show it,
 * all that have the member if it is left out. `why` is the reason.
 */
export class Meant {
  #list;
  #seen = new Map();

  constructor(list) {
    for (const { at, why } of list) {
      if (!at || !why) throw new Error(`a difference needs "at" and "why": ${at}`);
    }
    this.#list = list.map((entry) => ({ ...entry, pattern: pattern(entry.at) }));
  }

  /** The differences that are not meant. */
  check(scenario, original, ours) {
    return differences(original, ours).filter((found) => {
      const entries = this.#list.filter((entry) => covers(entry, scenario, found));
      for (const entry of entries) this.#note(entry, scenario, found);
      return entries.length === 0;
    });
  }

  #note(entry, scenario, found) {
    if (!this.#seen.has(entry)) this.#seen.set(entry, { scenarios: new Set(), found });
    this.#seen.get(entry).scenarios.add(scenario);
  }

  /** What is listed and did not occur, in words. */
  stale() {
    return this.#list.flatMap((entry) => {
      const scenarios = this.#seen.get(entry)?.scenarios ?? new Set();
      if (!entry.in) return scenarios.size > 0 ? [] : [`${entry.at}: ${entry.why}`];
      const missing = entry.in.filter((name) => !scenarios.has(name));
      return missing.map((name) => `${entry.at} in "${name}": ${entry.why}`);
    });
  }

  /** As Markdown, with one example of each. */
  table() {
    const rows = this.#list.map((entry) => {
      const { scenarios = new Set(), found } = this.#seen.get(entry) ?? {};
      const values = [found?.original, found?.ours].map((value) => `\`${brief(value)}\``);
      return [`\`${entry.at}\``, ...values, entry.why, scenarios.size];
    });
    const head = ["member", "original", "ours", "why", "scenarios"];
    return [head, head.map(() => "---"), ...rows]
      .map((cells) => `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`)
      .join("\n");
  }
}

function covers(entry, scenario, found) {
  return (
    (!entry.in || entry.in.includes(scenario)) &&
    entry.pattern.test(found.at) &&
    fits(entry.original, found.original) &&
    fits(entry.ours, found.ours)
  );
}

const fits = (wanted, value) =>
  wanted instanceof RegExp
    ? value !== ABSENT && wanted.test(typeof value === "string" ? value : JSON.stringify(value))
    : isDeepStrictEqual(wanted, value);

function pattern(at) {
  const parts = at.split(/(\*\*|\*)/).map((part) => {
    if (part === "**") return ".*";
    return part === "*" ? "[^.[\\]]+" : part.replace(/[.[\]$()+?^{}|\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`);
}

/** A value in one short line. */
export function brief(value, most = 90) {
  const text = JSON.stringify(value) ?? "";
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

const NOW_SLACK_MS = 2000;
const UUID = /[\da-f]{8}-[\da-f]{4}-([\da-f])[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}/gi;
const TIME = /^(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/**
 * The same with what no two runs share replaced by its form: random ids, times between `from` and
 * `to` (milliseconds since 1970), and texts of `names`, which maps them to a name.
 */
export function forms(value, { from, to, names = {} }) {
  const isNow = (millis) => millis >= from - NOW_SLACK_MS && millis <= to + NOW_SLACK_MS;
  const walk = (one) => {
    if (Array.isArray(one)) return one.map(walk);
    if (one !== null && typeof one === "object" && one !== ABSENT) {
      return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, walk(inner)]));
    }
    if (typeof one === "number") {
      if (isNow(one)) return "‹now in milliseconds›";
      return isNow(one * 1000) ? "‹now in seconds›" : one;
    }
    return typeof one === "string" ? text(one) : one;
  };
  const text = (one) => {
    const time = TIME.exec(one);
    if (time && isNow(Date.parse(`${time[1]}T${time[3]}${time[4] ?? ""}${time[5] ?? "Z"}`))) {
      const fraction = time[4] ? `.${"S".repeat(time[4].length - 1)}` : "";
      return `‹now as YYYY-MM-DD${time[2]}hh:mm:ss${fraction}${time[5] ?? ""}›`;
    }
    let known = one;
    for (const [found, name] of Object.entries(names)) known = known.replaceAll(found, name);
    return known.replace(UUID, (_, version) => `‹uuid ${version}›`);
  };
  return walk(value);
}
