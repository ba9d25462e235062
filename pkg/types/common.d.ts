// What all types share.

// What the runtime's own types know, or anything, so that a project without them compiles too.
export type Fetch = typeof globalThis extends { fetch: infer Known }
  ? Known
  : (...all: any[]) => any;
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Known } }
  ? Known
  : any;

/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The one error class: an error of any entry of the package is an instance of the class that each exports. */
export class SluiceboxError extends Error {
  /**
   * Stable: "invalid_argument", "invalid_path", "not_running", "unauthorized",
   * "payload_too_large", "rate_limited", "queue_full", "expired", "rejected", "network",
   * "timeout", "storage", "wasm_unavailable", "consent_refused".
   */
  readonly code: string;
  /** Who is to blame: the code that called, the far end, or what lies between. */
  readonly fault: "caller" | "server" | "transport";
  /** The HTTP status, where an answer caused the error. */
  readonly statusCode?: number;
}
