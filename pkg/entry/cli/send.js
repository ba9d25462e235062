// sluicebox send: lines of JSON become events of a stream.
import { accessSync, constants, statSync } from "node:fs";
import { isName } from "../../../src/protocol/stride.js";
import { apiKey, number, parse, serverUrl, wrong } from "./arguments.js";
import { Sending } from "./sending.js";

const HELP = `Usage: sluicebox send URL [STREAM] [FILE...] [options]

Sends lines of JSON, an event each, to a server that collects for Stride (sluicebox serve does): in
batches, compressed, in order, and again until they are taken. A line is sent as it is written. One
without an $id is given a random one, so that it is stored once however often this run sends it;
another run of the same file stores it once more, as two equal lines may be two events. With an $id
in each line a file can be sent again, and only what is missing is stored. A line that is no JSON
object is told with its number and left out.

  URL            base URL of the server, such as http://127.0.0.1:8080; its /v1 may be left out
  STREAM         a letter, then letters, digits or _ (default "default")
  FILE           read one after the other; those that end with .gz are unpacked; - is stdin
                 (default -)

  --key KEY      an API key that may write (default SLUICEBOX_KEY of the environment)
  --rate N       at most N events a second, from 0.001 (default no limit)
  --timeout S    seconds in which the server takes nothing before the rest is given up, from 1
                 (default 300)
  --strict       stop at the first line that is no JSON object
  --help         this text

Ctrl-C reads no more and delivers what is held; once more ends at once.
Exit codes: 0 all was delivered, 1 something was not, 2 wrong arguments, 130 ended by Ctrl-C.
`;

const OPTIONS = {
  key: { type: "string" },
  rate: { type: "string" },
  timeout: { type: "string" },
  strict: { type: "boolean" },
};

export async function sendCommand(args) {
  const { values, positionals } = parse("send", OPTIONS, args, HELP);
  const [address, stream = "default", ...files] = positionals;
  const url = serverUrl("send", address);
  if (!isName(stream)) {
    wrong(`STREAM must be a letter, then letters, digits or _, not "${stream}"`);
  }
  const sending = new Sending({
    endpoint: /\/v\d+$/.test(url) ? url : `${url}/v1`,
    // A server without keys takes any.
    key: apiKey(values) ?? "none",
    stream,
    files: files.length ? files : ["-"],
    size: sizeOf(files.length ? files : ["-"]),
    rate: number(values, "rate", 0.001, Infinity),
    patience: number(values, "timeout", 1, 300) * 1000,
    isStrict: values.strict ?? false,
  });
  process.exitCode = await sending.run();
}

/** The bytes of all files; undefined where one is no file. What cannot be read is an argument that is wrong. */
function sizeOf(files) {
  let total = 0;
  for (const file of files) {
    if (file === "-") {
      total = NaN;
      continue;
    }
    try {
      accessSync(file, constants.R_OK);
      const stats = statSync(file);
      if (stats.isDirectory()) wrong(`"${file}" is a folder`);
      total += stats.isFile() ? stats.size : NaN;
    } catch (error) {
      wrong(`"${file}" cannot be read: ${error.code ?? error.message}`);
    }
  }
  return total > 0 ? total : undefined;
}
