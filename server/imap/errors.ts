/** Faults that a client is told of. Thrown where they are known, turned into answers in connection.ts. */

/** A tagged NO. `code` is a response code without brackets (RFC 9051 §7.1, RFC 5530). */
export class NoError extends Error {
  override readonly name = "NoError";
  constructor(readonly code: string | undefined, message: string) {
    super(message);
  }
}

/** A tagged BAD: grammar, or a command in the wrong state. */
export class BadError extends Error {
  override readonly name = "BadError";
  constructor(readonly code: string | undefined, message: string) {
    super(message);
  }
}

/** The connection cannot go on: an untagged BYE, then the end. */
export class ByeError extends Error {
  override readonly name = "ByeError";
  constructor(message: string, readonly code?: string) {
    super(message);
  }
}
