// An EventStore in one file: appended to, and written anew when more than half of it is needed by nobody.
//
//   file   = MAGIC · position of the oldest record (u64) · record …
//   record = length (u32) · its complement (u32) · bytes
//
// Numbers are little endian. Whatever ends in the middle was being written when the process ended.
import { constants, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { resolve } from "node:path";
import { lock } from "./lock_file.js";
import { SluiceboxError } from "./server.js";

const MAGIC = Buffer.from("sluice1\n");
const START = 16;
const RECORD_HEAD = 8;

/** Bytes. The largest default of queueBytes, twice, and room for what is needed no more. */
const MAX_BYTES = 256 * 1024 * 1024;
/** A smaller file is not worth to be written anew. */
const REWRITE_MIN = 64 * 1024;

const invalid = (message) => new SluiceboxError("invalid_argument", "caller", message);
const failed = (message) => new SluiceboxError("storage", "caller", message);

/** See types/node.d.ts. */
export function fileStore(path, options = {}) {
  if (typeof path !== "string" || !path) throw invalid('"path" must be a non-empty string');
  const { sync = false, maxBytes = MAX_BYTES } = options ?? {};
  if (typeof sync !== "boolean") throw invalid('"sync" must be a boolean');
  if (!Number.isInteger(maxBytes) || maxBytes < 1024 || maxBytes > Number.MAX_SAFE_INTEGER) {
    throw invalid('"maxBytes" must be a whole number from 1024');
  }
  const file = new File(resolve(path), sync, maxBytes);
  // One after the other, whoever calls.
  let last = Promise.resolve();
  let closing;
  const inTurn = (act) => {
    if (closing) {
      const message = `"${path}" was closed: what goes on with it makes a fileStore() of its own`;
      return Promise.reject(failed(message));
    }
    const done = last.then(act);
    last = done.catch(() => {});
    return done;
  };
  return {
    append: (records) => inTurn(() => file.append(records)),
    load: () => inTurn(() => file.load()),
    remove: (count) => inTurn(() => file.remove(count)),
    close: () => (closing ??= inTurn(() => file.close())),
  };
}

class File {
  #path;
  #sync;
  #maxBytes;
  #handle;
  #unlock;
  /** Positions of the oldest record and behind the newest. */
  #oldest = START;
  #end = START;
  /** Bytes of each record with its head, oldest first. */
  #sizes = [];
  /** Whether there may be something behind the newest record. */
  #isTorn = false;

  constructor(path, sync, maxBytes) {
    this.#path = path;
    this.#sync = sync;
    this.#maxBytes = maxBytes;
  }

  async append(records) {
    await this.#open();
    const parts = [];
    let size = 0;
    for (const record of records) {
      const head = Buffer.alloc(RECORD_HEAD);
      head.writeUInt32LE(record.length, 0);
      head.writeUInt32LE(~record.length >>> 0, 4);
      parts.push(head, record);
      size += RECORD_HEAD + record.length;
    }
    if (this.#end + size > this.#maxBytes && this.#oldest > START) await this.#rewrite();
    if (this.#end + size > this.#maxBytes) {
      throw failed(`"${this.#path}" is full: it may have ${this.#maxBytes} bytes (maxBytes)`);
    }
    if (this.#isTorn) await this.#handle.truncate(this.#end);
    this.#isTorn = true;
    await this.#write(Buffer.concat(parts, size), this.#end);
    if (this.#sync) await this.#handle.datasync();
    this.#isTorn = false;
    this.#end += size;
    for (const record of records) this.#sizes.push(RECORD_HEAD + record.length);
  }

  async load() {
    await this.#open();
    const bytes = await this.#read(this.#oldest, this.#end);
    let at = 0;
    return this.#sizes.map((size) => {
      const record = new Uint8Array(
        bytes.buffer,
        bytes.byteOffset + at + RECORD_HEAD,
        size - RECORD_HEAD,
      );
      at += size;
      return record;
    });
  }

  async remove(count) {
    await this.#open();
    const gone = this.#sizes.slice(0, count).reduce((sum, size) => sum + size, 0);
    if (!gone) return;
    const oldest = this.#oldest + gone;
    if (oldest === this.#end) {
      // A position behind the end means that nothing is there, should it stop in between.
      await this.#handle.truncate(START);
      await this.#point(START);
      this.#end = START;
    } else {
      await this.#point(oldest);
    }
    this.#sizes.splice(0, count);
    if (this.#oldest > REWRITE_MIN && this.#oldest > this.#end / 2) await this.#rewrite();
  }

  async close() {
    const [handle, unlock] = [this.#handle, this.#unlock];
    this.#handle = this.#unlock = undefined;
    await handle?.close();
    unlock?.();
  }

  async #open() {
    if (this.#handle) return;
    const unlock = lock(this.#path);
    try {
      rmSync(`${this.#path}.new`, { force: true });
      this.#handle = await openOrCreate(this.#path);
      await this.#scan();
      this.#unlock = unlock;
    } catch (error) {
      await this.#handle?.close();
      this.#handle = undefined;
      unlock();
      throw error;
    }
  }

  /** Finds the records of an earlier process. */
  async #scan() {
    const { size } = await this.#handle.stat();
    [this.#oldest, this.#end, this.#sizes] = [START, START, []];
    if (size < START) {
      // New, or a process ended before it had begun.
      const found = await this.#read(0, size);
      if (!found.equals(MAGIC.subarray(0, size)) && !found.subarray(0, 8).equals(MAGIC)) {
        throw this.#foreign();
      }
      return this.#begin(this.#handle, START);
    }
    const head = await this.#read(0, START);
    if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw this.#foreign();
    const oldest = Number(head.readBigUInt64LE(MAGIC.length));
    let at = Math.max(START, Math.min(oldest, size));
    [this.#oldest, this.#end] = [at, at];
    const bytes = await this.#read(at, size);
    for (let from = 0; from + RECORD_HEAD <= bytes.length;) {
      const length = bytes.readUInt32LE(from);
      if (bytes.readUInt32LE(from + 4) !== ~length >>> 0) break;
      from += RECORD_HEAD + length;
      if (from > bytes.length) break;
      this.#sizes.push(RECORD_HEAD + length);
      at += RECORD_HEAD + length;
    }
    this.#end = at;
    this.#isTorn = at < size;
    if (oldest > size) await this.#point(at);
  }

  #foreign() {
    return failed(`"${this.#path}" was not written by fileStore(), and is left as it is`);
  }

  async #rewrite() {
    const path = `${this.#path}.new`;
    const bytes = await this.#read(this.#oldest, this.#end);
    const handle = await open(path, "w+", 0o600);
    try {
      await this.#begin(handle, START);
      await writeAll(handle, bytes, START);
      await handle.datasync();
      await rename(path, this.#path);
    } catch (error) {
      await handle.close();
      throw error;
    }
    const old = this.#handle;
    this.#handle = handle;
    [this.#oldest, this.#end, this.#isTorn] = [START, START + bytes.length, false];
    await old.close();
  }

  async #begin(handle, oldest) {
    const head = Buffer.alloc(START);
    MAGIC.copy(head);
    head.writeBigUInt64LE(BigInt(oldest), MAGIC.length);
    await writeAll(handle, head, 0);
  }

  /** Says where the oldest record is. */
  async #point(oldest) {
    const position = Buffer.alloc(8);
    position.writeBigUInt64LE(BigInt(oldest));
    await this.#write(position, MAGIC.length);
    this.#oldest = oldest;
  }

  #write(bytes, position) {
    return writeAll(this.#handle, bytes, position);
  }

  async #read(from, to) {
    const bytes = Buffer.alloc(Math.max(0, to - from));
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await this.#handle.read(bytes, at, bytes.length - at, from + at);
      if (!bytesRead) throw failed(`"${this.#path}" is shorter than it was`);
      at += bytesRead;
    }
    return bytes;
  }
}

const openOrCreate = (path) => open(path, constants.O_RDWR | constants.O_CREAT, 0o600);

async function writeAll(handle, bytes, position) {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}
