/**
 * Byte streams as connections have them. Not those of the Web: theirs, a pair a connection with reader, writer, signal and queues, take 8 KB,
 * and an idle connection is to take no more than what it waits with.
 */

export interface ByteSource {
  /**
   * The next bytes as they come, valid for good; undefined: the end. One call at a time.
   * @throws {ConnectionEnd}
   */
  read(): Promise<Uint8Array | undefined>;
  /** Nobody reads any more. A read that waits may go on waiting until the connection is closed. Never throws; harmless again. */
  cancel(reason?: unknown): Promise<void> | void;
}

export interface ByteSink {
  /**
   * Done when the layer below has taken the bytes; they must not be changed before. One call at a time.
   * @throws {ConnectionEnd}
   */
  write(bytes: Uint8Array): Promise<void>;
  /** The orderly end, behind all that was written. Not while a write is under way. @throws {ConnectionEnd} */
  close(): Promise<void>;
  /** Ends it at once, also while a write is under way, which then fails. Never throws; harmless again. */
  abort(reason?: unknown): void;
}
