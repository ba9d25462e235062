/** sluicebox/node: the stream server on node:http. */

import type { StreamServer } from "./server.js";

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

export interface Listening {
  /** e.g. "http://127.0.0.1:8080" */
  readonly url: string;
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
