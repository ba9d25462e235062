/** The one error class of the package; `code` is stable, `fault` says who is to blame. */
export class SluiceboxError extends Error {
  constructor(code, fault, message, statusCode) {
    super(message);
    this.name = "SluiceboxError";
    this.code = code;
    this.fault = fault;
    if (statusCode) this.statusCode = statusCode;
  }
}
