// npx sluicebox
import { parseArgs } from "node:util";
import { readFileSync } from "node:fs";
import { createServer, memory } from "./server.js";
import { openStore } from "./engines.js";
import { serve } from "./node.js";

const HELP = `Usage: sluicebox serve [options]

Starts the stream server.

  --port N        port to listen on (default 8080; 0 takes a free one)
  --host NAME     address to listen on (default 127.0.0.1)
  --store STORE   where events are kept (default sqlite:sluicebox.db):
                    sqlite:PATH       a file; synchronous = FULL, so that an acknowledged event
                                      survives a power cut. Needs Node.js 22.13, Deno, Bun or
                                      npm install @libsql/client
                    postgres://…      PostgreSQL; needs npm install pg
                    redis://…         Redis; needs npm install redis (or ioredis). As durable as
                                      its appendonly and appendfsync say
                    memory            until the process ends
  --keys A,B,C    members of events that can be filtered by (default none)
  --key KEY:ROLE  an API key and what it may do: write, read or admin (default admin);
                  may be given several times. Without any there is no authentication,
                  and the server listens on this machine only
  --rate-limit C/S at most C write calls of each API key in S seconds (default no limit)
  --log           a line of JSON to stderr for each request; errors are always told
  --cors ORIGINS  origins whose pages may call, with commas between, or "*"
  --help          this text
  --version       the version
`;

const OPTIONS = {
  port: { type: "string" },
  host: { type: "string" },
  store: { type: "string" },
  keys: { type: "string" },
  key: { type: "string", multiple: true },
  "rate-limit": { type: "string" },
  cors: { type: "string" },
  log: { type: "boolean" },
  help: { type: "boolean" },
  version: { type: "boolean" },
};

/** A wrong argument: one sentence, exit code 2. */
function wrong(sentence) {
  console.error(`sluicebox: ${sentence}`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return wrong(`${error.message.split(". ")[0]}; see sluicebox --help`);
  }
}

const LOOPBACK = ["127.0.0.1", "localhost", "::1"];

async function main() {
  const { values, positionals } = parse();
  if (values.version) {
    const manifest = new URL("../package.json", import.meta.url);
    return console.log(JSON.parse(readFileSync(manifest, "utf8")).version);
  }
  if (values.help || positionals.length === 0) return console.log(HELP);
  const [command, extra] = positionals;
  if (command !== "serve") wrong(`there is no command "${command}"; see sluicebox --help`);
  if (extra !== undefined) wrong(`unexpected argument "${extra}"; see sluicebox --help`);

  const port = Number(values.port ?? 8080);
  if (!/^\d+$/.test(values.port ?? "8080") || port > 65_535) {
    wrong(`--port must be a whole number from 0 to 65535, not "${values.port}"`);
  }
  const host = values.host ?? "127.0.0.1";
  const apiKeys = values.key && Object.fromEntries(values.key.map(keyAndRole));
  if (!apiKeys && !LOOPBACK.includes(host)) {
    wrong(`--host ${host} would let everybody in: give at least one --key`);
  }
  const [, calls, seconds] = /^(\d+)\/(\d+)$/.exec(values["rate-limit"] ?? "") ?? [];
  if (values["rate-limit"] !== undefined && !calls) {
    wrong(`--rate-limit must be CALLS/SECONDS, such as 10/10, not "${values["rate-limit"]}"`);
  }
  const list = (text) => text.split(",").filter(Boolean);
  const options = {
    apiKeys,
    rateLimit: calls && { calls: Number(calls), seconds: Number(seconds) },
    cors: values.cors === "*" ? "*" : list(values.cors ?? ""),
    log: values.log ? (line) => console.error(JSON.stringify(line)) : undefined,
  };
  const keys = list(values.keys ?? "");
  // Whatever is wrong is said before a file or a connection is made.
  createServer({ ...options, store: memory({ keys }) });
  // What fails on the side fails again where it is asked for, and is told there.
  const opened = await openStore(values.store, { keys }, () => {});
  const server = createServer({ ...options, store: opened.store });
  const listening = await serve(server, { port, host });
  console.log(`sluicebox listens on ${listening.url}`);
  console.log(`events are kept in ${opened.name}`);
  if (!apiKeys) console.log("no --key was given: no authentication, this machine only");
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop(listening, opened));
}

/** Milliseconds. A store that does not answer must not hold up the end for ever. */
const DEADLINE = 15_000;

let isStopping = false;

/** Everything that is being answered is answered; whoever asks twice does not want to wait. */
async function stop(listening, opened) {
  if (isStopping) process.exit(130);
  isStopping = true;
  setTimeout(() => {
    console.error(`sluicebox: not everything came to an end within ${DEADLINE} ms`);
    process.exit(1);
  }, DEADLINE).unref();
  await listening.close();
  await opened.close();
  process.exit(0);
}

function keyAndRole(text) {
  const [key, role = "admin"] = text.split(":");
  if (!key || !["write", "read", "admin"].includes(role)) {
    wrong(`--key must be KEY, KEY:write, KEY:read or KEY:admin, not "${text}"`);
  }
  return [key, role];
}

main().catch((error) => {
  if (error.code === "invalid_argument") wrong(error.message.replace(/^"(\w+)"/, "--$1"));
  console.error(`sluicebox: ${error.message}`);
  process.exit(1);
});
