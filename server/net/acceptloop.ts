/** Accepts sockets until it is closed. Invariant: nothing that one peer does, and no lack of descriptors, ends it. */
import { getLogger } from "@logtape/logtape";

const logger = getLogger(["roost", "net"]);

/** Waiting times after a failed accept (EMFILE and the like), doubling. */
const FIRST_PAUSE = 20;
const LAST_PAUSE = 1000;

export class AcceptLoop<S extends Deno.Conn> {
  readonly #listener: Deno.Listener<S>;
  readonly #onSocket: (socket: S) => void;
  #closed = false;

  constructor(listener: Deno.Listener<S>, onSocket: (socket: S) => void) {
    this.#listener = listener;
    this.#onSocket = onSocket;
    void this.#run();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
  }

  async #run(): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!this.#closed) {
      let socket: S;
      try {
        socket = await this.#listener.accept();
      } catch (error) {
        if (this.#closed) return;
        // A peer that left the queue, or no descriptor free: later ones may fare better.
        logger.warning("Accept failed: {error}", { error });
        await new Promise((resolve) => setTimeout(resolve, pause));
        pause = Math.min(pause * 2, LAST_PAUSE);
        continue;
      }
      pause = FIRST_PAUSE;
      this.#onSocket(socket);
    }
  }
}
