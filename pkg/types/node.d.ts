/** sluicebox/node: the stream server on node:http. */

import type { StreamServer } from "./server.js";

export interface ServeOptions {
  /** 0 to 65535; 0 takes a free one. Default 8080. */
  port?: number;
  /** Address to listen on. Default "127.0.0.1": this machine only. */
  host?: string;
}

export interface Listening {
  /** e.g. "http://127.0.0.1:8080" */
  readonly url: string;
  readonly port: number;
  /** Takes no new requests, ends live subscriptions, and resolves when what was being answered is
   *  answered. */
  close(): Promise<void>;
}

/** Resolves when requests are taken. Rejects with a SluiceboxError (invalid_argument) that names
 *  the port when it is in use. */
export function serve(
  server: Pick<StreamServer, "fetch"> & Partial<Pick<StreamServer, "close">>,
  options?: ServeOptions,
): Promise<Listening>;
