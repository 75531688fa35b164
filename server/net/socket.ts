/** A socket as an endpoint. Invariants: it is closed once, whoever asks for it how often; then, and not before, its place is given back. */
import type { Endpoint } from "./duplex.ts";

export class Socket implements Endpoint {
  readonly #conn: Deno.Conn;
  #closed = false;
  #release: (() => void) | undefined;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  get closed(): boolean {
    return this.#closed;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#conn.read(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  /** Calls `release` when the socket is closed, at once if it is. */
  holds(release: () => void): void {
    if (this.#closed) release();
    else this.#release = release;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#conn.close();
    } catch {
      // Deno closes a connection by itself after some faults.
    }
    this.#release?.();
  }
}

/** The IP address at the other end; an IPv4 client of an IPv6 socket is an IPv4 client. */
export function peerAddress(conn: Deno.Conn): string {
  const { hostname } = conn.remoteAddr as Deno.NetAddr;
  return hostname.startsWith("::ffff:") && hostname.includes(".") ? hostname.slice(7) : hostname;
}
