import type { TlsFacts } from "../../auth/types.ts";
import type { ByteSink, ByteSource } from "./bytes.ts";

/** What speaks IMAP: a pair of byte streams. TCP, TLS, DEFLATE over either, stdin and stdout, memory in tests. */
export interface Transport {
  readonly readable: ByteSource;
  readonly writable: ByteSink;
  /** The peer's IP address without port; "local" for stdio, Unix sockets and memory. */
  readonly remote: string;
  /** Nobody between can read along: TLS or a local transport. */
  readonly secure: boolean;
  /** What the handshake agreed on, where there was one that can be asked. */
  readonly tls?: TlsFacts;
  /**
   * STARTTLS: the handshake, then the same connection in TLS; where it is possible. Nothing may be read or written here any more.
   * @throws {ConnectionEnd} it failed; the connection is then closed
   */
  startTls?(): Promise<Transport>;
  /** Drops the connection at once, whatever is pending; harmless when already closed. */
  abort(): void;
}
