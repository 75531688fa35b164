/** What speaks IMAP: a pair of byte streams. TCP, TLS, DEFLATE over either, stdin and stdout, memory in tests. */
export interface Transport {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** The peer's IP address without port; "local" for stdio, Unix sockets and memory. */
  readonly remote: string;
  /** Nobody between can read along: TLS or a local transport. */
  readonly secure: boolean;
  /** Drops the connection at once, whatever is pending; harmless when already closed. */
  abort(): void;
}
