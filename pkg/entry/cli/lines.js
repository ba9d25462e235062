// Lines of files and of stdin, with the number of each.
import { createReadStream } from "node:fs";
import { addAbortSignal } from "node:stream";
import { createGunzip } from "node:zlib";

/** Characters. A server takes 4 MiB in one request, unless it was told otherwise. */
export const LINE_MAX = 4 * 1024 * 1024;

/**
 * The bytes of a file ("-" is stdin), unpacked where its name ends with .gz; `read(bytes)` counts what was
 * read, and `signal` ends it.
 */
async function* bytesOf(path, read, signal) {
  const source = path === "-" ? process.stdin : createReadStream(path, { highWaterMark: 1 << 18 });
  addAbortSignal(signal, source);
  source.on("data", (chunk) => read(chunk.length)).pause();
  if (!path.endsWith(".gz")) return yield* source;
  const unpacked = createGunzip();
  source.on("error", (error) => unpacked.destroy(error));
  yield* source.pipe(unpacked);
}

/**
 * Groups of lines, [number of the first, texts], as they are read; a line of more than `LINE_MAX` characters
 * is null. A file is read no further than its reader has asked for.
 */
export async function* linesOf(path, read, signal) {
  const decoder = new TextDecoder();
  let rest = "";
  let isLong = false;
  let number = 1;
  for await (const chunk of bytesOf(path, read, signal)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop();
    if (isLong && lines.length) {
      lines[0] = null;
      isLong = false;
    }
    // What is too long is not kept, only known.
    if (rest.length > LINE_MAX) isLong = true;
    if (isLong) rest = "";
    if (lines.length) yield [number, lines.map(shortEnough)];
    number += lines.length;
  }
  rest += decoder.decode();
  if (rest || isLong) yield [number, [isLong ? null : shortEnough(rest)]];
}

const shortEnough = (line) => (line?.length > LINE_MAX ? null : line);
