// sluicebox serve: the stream server.
import { createServer, memory } from "../server.js";
import { openStore } from "../engines.js";
import { serve } from "../node.js";
import { HELP } from "./serve_help.js";
import { list, parse, unexpected, wrong } from "./arguments.js";

const OPTIONS = {
  port: { type: "string" },
  host: { type: "string" },
  store: { type: "string" },
  keys: { type: "string" },
  key: { type: "string", multiple: true },
  "rate-limit": { type: "string" },
  cors: { type: "string" },
  log: { type: "boolean" },
};

const LOOPBACK = ["127.0.0.1", "localhost", "::1"];

export async function serveCommand(argv) {
  const { values, positionals } = parse("serve", OPTIONS, argv, HELP);
  unexpected("serve", positionals);

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
