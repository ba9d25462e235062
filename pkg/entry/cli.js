// npx sluicebox: each command is loaded when it is asked for.
import { readFileSync } from "node:fs";
import { parse, wrong } from "./cli/arguments.js";
import { HELP as SERVE_HELP } from "./cli/serve_help.js";

const HELP = `Usage: sluicebox COMMAND [options]

  serve                           starts the stream server
  tail URL [STREAM]               follows the events of a server in the terminal
  send URL [STREAM] [FILE...]     sends lines of JSON, from files or stdin
  COMMAND --help                  says more
  --version                       the version

${SERVE_HELP}`;

const COMMANDS = {
  serve: async (args) => (await import("./cli/serve.js")).serveCommand(args),
  tail: async (args) => (await import("./cli/tail.js")).tailCommand(args),
  send: async (args) => (await import("./cli/send.js")).sendCommand(args),
};

async function main(args) {
  if (args.includes("--version")) {
    const manifest = new URL("../package.json", import.meta.url);
    return console.log(JSON.parse(readFileSync(manifest, "utf8")).version);
  }
  // Options may stand before the command.
  const at = args.findIndex((one) => Object.hasOwn(COMMANDS, one));
  if (at === 0 || (at > 0 && args[0].startsWith("-"))) {
    return COMMANDS[args[at]](args.toSpliced(at, 1));
  }
  const { positionals } = parse("", {}, args, HELP);
  if (positionals.length) wrong(`there is no command "${positionals[0]}"; see sluicebox --help`);
  return process.stdout.write(HELP);
}

main(process.argv.slice(2)).catch((error) => {
  if (error.code === "invalid_argument") wrong(error.message.replace(/^"(\w+)"/, "--$1"));
  console.error(`sluicebox: ${error.message}`);
  process.exit(1);
});
