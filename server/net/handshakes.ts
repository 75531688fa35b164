/**
 * Connections that have yet to show what they are, by a PROXY header or a TLS handshake: each bounded in time, all of them bounded in
 * number; the oldest gives way to the next.
 */
import { Alarm } from "./alarm.ts";

interface Closable {
  close(): void;
}

export class Handshakes {
  readonly #most: number;
  /** In the order they came. */
  readonly #waiting = new Set<Closable>();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Does the work, and closes the socket when it is late or has to give way; the work then fails by itself.
   * @throws what the work throws
   */
  async run<T>(socket: Closable, timeoutMs: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.size >= this.#most) this.#dropOldest();
    const alarm = new Alarm(() => this.#drop(socket));
    this.#waiting.add(socket);
    alarm.set(performance.now() + timeoutMs);
    try {
      return await work();
    } finally {
      alarm.stop();
      this.#waiting.delete(socket);
    }
  }

  close(): void {
    while (this.#waiting.size > 0) this.#dropOldest();
  }

  #dropOldest(): void {
    for (const socket of this.#waiting) return this.#drop(socket);
  }

  #drop(socket: Closable): void {
    this.#waiting.delete(socket);
    socket.close();
  }
}
