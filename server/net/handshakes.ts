/**
 * TLS handshakes under way: each bounded in time, all of them bounded in number.
 *
 * Deno keeps the descriptor of a socket whose handshake was given up until the peer leaves it: what is bounded here is what we hold.
 */
import { Alarm } from "./alarm.ts";

export class Handshakes {
  readonly #most: number;
  readonly #timeoutMs: number;
  /** In the order they came, with the time at which they are late. */
  readonly #waiting = new Map<Deno.TlsConn, number>();
  readonly #alarm = new Alarm(() => this.#late());

  constructor(most: number, timeoutMs: number) {
    this.#most = most;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws when it fails, is late, or had to give way to later ones; the socket is then closed or to be closed */
  async run(socket: Deno.TlsConn): Promise<void> {
    if (this.#waiting.size >= this.#most) this.#dropOldest();
    this.#waiting.set(socket, performance.now() + this.#timeoutMs);
    this.#next();
    try {
      await socket.handshake();
    } finally {
      this.#waiting.delete(socket);
      this.#next();
    }
  }

  close(): void {
    while (this.#waiting.size > 0) this.#dropOldest();
    this.#alarm.stop();
  }

  #late(): void {
    for (const [socket, deadline] of this.#waiting) {
      if (deadline > performance.now()) break;
      this.#drop(socket);
    }
    this.#next();
  }

  #next(): void {
    for (const deadline of this.#waiting.values()) return this.#alarm.set(deadline);
    this.#alarm.unset();
  }

  #dropOldest(): void {
    for (const socket of this.#waiting.keys()) return this.#drop(socket);
  }

  #drop(socket: Deno.TlsConn): void {
    this.#waiting.delete(socket);
    socket.close();
  }
}
