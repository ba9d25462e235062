// sluicebox tail: follows a stream server in the terminal.
import { rest } from "../../../src/api/rest.js";
import { open } from "../../../src/api/subscription.js";
import { apiKey, failed, parse, serverUrl, unexpected, wrong } from "./arguments.js";
import { harmless, painter, pretty } from "./pretty.js";
import { withTexts } from "./texts.js";

const HELP = `Usage: sluicebox tail URL [STREAM] [options]

Follows the events of a stream server (sluicebox serve) as they come, until Ctrl-C. A connection that
breaks is made again, after the last event that came.

  URL                base URL of the server, such as http://127.0.0.1:8080
  STREAM             only this stream: a stream of Stride, a bucket key of Initial State, a
                     write key of RudderStack (default all)

  --key KEY          an API key that may read (default SLUICEBOX_KEY of the environment)
  --where KEY=VALUE  only events with this value, for a key that the server indexes (serve --keys);
                     several values of one key: any of them; several keys: all of them
  --after ID         go on after the event of this id (default what comes from now on)
  --json             each event as the line of JSON that the server sent (default where stdout is no
                     terminal)
  --help             this text

Colours are left out where stdout is no terminal or NO_COLOR is set.
Exit codes: 0 ended by Ctrl-C or by who reads the output, 1 refused or not reached, 2 wrong arguments.
`;

const OPTIONS = {
  key: { type: "string" },
  where: { type: "string", multiple: true },
  after: { type: "string" },
  json: { type: "boolean" },
};

const REFUSED = {
  401: "the server does not know this --key",
  403: "this --key may not read",
};

export async function tailCommand(args) {
  const { values, positionals } = parse("tail", OPTIONS, args, HELP);
  const [address, stream, ...more] = positionals;
  const url = serverUrl("tail", address);
  unexpected("tail", more);
  const query = queryOf(stream, values.where);

  // Who reads has read enough.
  process.stdout.on("error", (error) =>
    error.code === "EPIPE" ? process.exit(0) : failed(error.message),
  );
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());

  const server = rest(url, apiKey(values), { fetch: watched(url, stop.signal) });
  const options = { after: values.after, signal: stop.signal };
  try {
    const { statusCode, data } = await open(server, "/subscribe", query, options);
    if (statusCode !== 200) return failed(refusal(url, statusCode, data));
    await print(data, formOf(values), stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) failed(REFUSED[error.statusCode] ?? error.message);
  }
}

/** `STREAM` and `--where` as the server is asked. */
function queryOf(stream, pairs) {
  const where = {};
  for (const pair of pairs ?? []) {
    const [, key, value] = /^([^=]+)=([^]*)$/.exec(pair) ?? [];
    if (!key) wrong(`--where must be KEY=VALUE, not "${pair}"`);
    (where[key] ??= []).push(value);
  }
  const parts = [];
  if (stream !== undefined) parts.push(`stream=${encodeURIComponent(stream)}`);
  if (pairs) parts.push(`where=${encodeURIComponent(JSON.stringify(where))}`);
  return parts.join("&");
}

function refusal(url, status, text) {
  let words = text;
  try {
    words = JSON.parse(text).error ?? text;
  } catch {
    // What is no JSON is shown as it is.
  }
  return REFUSED[status] ?? `${url} refused: ${words || `status ${status}`}`;
}

/** The global fetch, which tells when the connection was lost and is there again; of events it gives the texts. */
function watched(url, signal) {
  let calls = 0;
  let told = "";
  const tell = (words) => {
    if (words !== told && !signal.aborted) console.error(`sluicebox: ${words}`);
    told = words;
  };
  return async (...request) => {
    if (calls++ && !told) tell(`the connection to ${url} was lost, connecting again`);
    const response = await fetch(...request);
    if (told && response.ok) {
      tell("connected again");
      told = "";
    } else if (calls > 1 && !response.ok) {
      tell(`${url} answers with status ${response.status}, trying again`);
    }
    return response.status === 200 && response.body ? withTexts(response) : response;
  };
}

/** An event is { line }, the text that came. */
function formOf(values) {
  if (!process.stdout.isTTY) return ({ line }) => line;
  // Outside of strings JSON may have tabs.
  if (values.json) return ({ line }) => harmless(line.replace(/\s/g, " "));
  const paint = painter(process.stdout);
  return ({ line }) => pretty(line, paint, process.stdout.columns || Infinity);
}

/** A slow reader slows the server down. */
async function print(subscription, form, signal) {
  for await (const event of subscription) {
    if (process.stdout.write(`${form(event)}\n`)) continue;
    await new Promise((resolve) => {
      process.stdout.once("drain", resolve);
      signal.addEventListener("abort", resolve, { once: true });
    });
  }
}
