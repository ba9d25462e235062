/** The one error class of the package; `code` is stable, `fault` says who is to blame. */
export class SluiceboxError extends Error {
  constructor(code, fault, message, statusCode) {
    super(message);
    this.name = "SluiceboxError";
    this.code = code;
    this.fault = fault;
    if (statusCode) this.statusCode = statusCode;
  }

  /** Each entry of the package carries a class of its own; they are one to who asks. */
  static [Symbol.hasInstance](error) {
    return (
      (this === SluiceboxError && error?.name === "SluiceboxError") ||
      super[Symbol.hasInstance](error)
    );
  }
}
