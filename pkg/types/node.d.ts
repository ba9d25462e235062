/** sluicebox/node: the stream server on node:http. */

import type { EventStore } from "./index.js";
import type { StreamServer } from "./server.js";

/** Where to listen. A value out of range rejects with `invalid_argument`. */
export interface ServeOptions {
  /** 0 to 65535; 0 takes a free one. Default 8080. */
  port?: number;
  /** Address to listen on. Default "127.0.0.1": this machine only. */
  host?: string;
  /** Milliseconds in which a request must have arrived, body and all; its first line and headers
   *  in at most 20 s of them. What is slower is answered 408 and its connection closed. A whole number from
   *  1 to 2,147,483,647. Default 60,000. First line and headers have at most 16 KiB (431). */
  requestTimeout?: number;
}

/** A server that takes requests. */
export interface Listening {
  /** e.g. "http://127.0.0.1:8080" */
  readonly url: string;
  /** The port it was given, or the free one it took. */
  readonly port: number;
  /** Takes no new requests, ends live subscriptions, and resolves when what was being answered is
   *  answered. A connection on which that takes longer than 10 s is cut. */
  close(): Promise<void>;
}

/** Resolves when requests are taken. Rejects with a SluiceboxError (invalid_argument) that names
 *  the port when it is in use. */
export function serve(
  server: Pick<StreamServer, "fetch"> & Partial<Pick<StreamServer, "close">>,
  options?: ServeOptions,
): Promise<Listening>;

/** How a file is written. A value out of range throws `invalid_argument`. */
export interface FileStoreOptions {
  /** Whether each append waits until the disk has it. Without, what was stored outlives the process, killed or
   *  not, but the last moments may be lost when the machine loses its power. Default false. */
  sync?: boolean;
  /** Most bytes of the file, from 1024. What would make it larger is refused (`storage`); the file is written
   *  anew when more than half of it is needed no longer. Default 268,435,456 (256 MiB). */
  maxBytes?: number;
}

/** An `EventStore` in a file. */
export interface FileStore extends EventStore {
  /** Frees the file for another client, after what was called before. Not needed at the end of a process.
   *  Any other call that follows rejects with a SluiceboxError (`storage`): close the client first. */
  close(): Promise<void>;
}

/**
 * Undelivered events in a file, for Node.js, Deno (`--allow-read --allow-write --allow-env --allow-sys
 * --allow-run`) and Bun: a client with `storage: fileStore("events")` goes on where the process before
 * it ended, killed or not. What was being written then is cut off.
 *
 * The file is made when first used, readable for its owner alone, in a folder that is there. It is for one
 * client: beside it `<path>.lock` names the process that has it, and calls of another client reject with a
 * SluiceboxError (`storage`) that names it. The lock of a process that has ended is taken over. A
 * process of another host name cannot be asked, so its lock stands: delete it when that machine is gone. The
 * file may lie on a local disk; over a network, locks may not hold. A file that was not written by
 * this is refused and left as it is.
 *
 * Throws `invalid_argument` for a path or an option out of its limits; nothing is opened by that.
 */
export function fileStore(path: string, options?: FileStoreOptions): FileStore;
