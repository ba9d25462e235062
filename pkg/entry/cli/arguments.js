// What every command does with its arguments.
import { parseArgs } from "node:util";

/** A wrong argument: one sentence, exit code 2. */
export function wrong(sentence) {
  console.error(`sluicebox: ${sentence}`);
  process.exit(2);
}

/** Something that went wrong though the arguments were right: one sentence, exit code 1. */
export function failed(sentence) {
  console.error(`sluicebox: ${sentence}`);
  process.exit(1);
}

const seeHelp = (command) => `see sluicebox ${command ? `${command} ` : ""}--help`;

/** { values, positionals }; prints `help` where it is asked for. */
export function parse(command, options, args, help) {
  let parsed;
  try {
    const all = { ...options, help: { type: "boolean" } };
    parsed = parseArgs({ args, options: all, allowPositionals: true });
  } catch (error) {
    return wrong(`${error.message.split(/\.\s/)[0]}; ${seeHelp(command)}`);
  }
  if (!parsed.values.help) return parsed;
  process.stdout.write(help);
  return process.exit(0);
}

/** Refuses the first of `more`. */
export function unexpected(command, more) {
  if (more.length) wrong(`unexpected argument "${more[0]}"; ${seeHelp(command)}`);
}

/** The base URL of a server, without a slash at its end. */
export function serverUrl(command, text) {
  if (text === undefined) wrong(`the URL of the server is missing; ${seeHelp(command)}`);
  const url = URL.canParse(text) && new URL(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) {
    wrong(`the URL must be such as http://127.0.0.1:8080, without a query, not "${text}"`);
  }
  return text.replace(/\/+$/, "");
}

/** An option that is a number, at least `least`. */
export function number(values, name, least, fallback) {
  const text = values[name];
  if (text === undefined) return fallback;
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) < least) {
    wrong(`--${name} must be a number from ${least}, not "${text}"`);
  }
  return Number(text);
}

/** The API key: from the environment it is in no list of processes and no history. */
export function apiKey(values) {
  const given = values.key ?? process.env.SLUICEBOX_KEY;
  if (given !== undefined && !/^[!-9;-~]+$/.test(given)) {
    wrong('--key must be printable ASCII without ":" or spaces');
  }
  return given;
}

export const list = (text) => text.split(",").filter(Boolean);
