/** How reading and writing can fail; everything the layers below say comes as one of these. */

/** The line is longer than allowed. It was skipped: the next call reads what follows it. */
export class LineTooLong extends Error {
  override readonly name = "LineTooLong";
  /**
   * @param head the first bytes of the line (up to 64): enough for a tag
   * @param tail its last bytes (up to 64) without the CRLF: they tell whether a literal follows
   */
  constructor(readonly head: Uint8Array, readonly tail: Uint8Array) {
    super("The line is too long");
  }
}

/** Nothing, or not enough, came in time. */
export class ReadTimeout extends Error {
  override readonly name = "ReadTimeout";
  constructor() {
    super("The client was silent for too long");
  }
}

/** The peer did not take what was written to it in time. */
export class WriteTimeout extends Error {
  override readonly name = "WriteTimeout";
  constructor() {
    super("The client does not read");
  }
}

/** The connection is over: end of the stream, a reset, a broken layer. `cause` holds what the layer below said. */
export class ConnectionEnd extends Error {
  override readonly name = "ConnectionEnd";
  constructor(message = "The connection is closed", options?: ErrorOptions) {
    super(message, options);
  }

  /** Any fault of a layer below as the end of the connection. */
  static from(fault: unknown): ConnectionEnd {
    if (fault instanceof ConnectionEnd) return fault;
    return new ConnectionEnd(fault instanceof Error ? fault.message : String(fault), { cause: fault });
  }
}
