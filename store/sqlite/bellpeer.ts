/**
 * The way to one other process: a connection that is opened by the first ring and kept. One write is under way at a time;
 * what is rung meanwhile waits, merged, so a process that does not read costs a bounded amount.
 */
import type { Ring } from "../changes.ts";
import { PendingRings } from "./belllines.ts";

/** Milliseconds before a connection that could not be made, though somebody is there, is tried again; doubled each time. */
const FIRST_RETRY = 20;
const LAST_RETRY = 1000;

export class BellPeer {
  readonly #pending = new PendingRings();
  #connection: Deno.UnixConn | undefined;
  #work: Promise<void> | undefined;
  #closed = false;
  #retry = FIRST_RETRY;

  /** @param dead called once when nobody is behind the socket any more */
  constructor(readonly path: string, readonly dead: (refused: boolean) => void) {}

  ring(ring: Ring): void {
    if (this.#closed) return;
    this.#pending.add(ring);
    this.#work ??= this.#deliver();
  }

  /** For when it is not known what was rung. */
  ringEverywhere(): void {
    if (this.#closed) return;
    this.#pending.addEverywhere();
    this.#work ??= this.#deliver();
  }

  /** Resolves when all that was rung has been handed over, or nobody is there to take it. */
  async flushed(): Promise<void> {
    while (this.#work !== undefined) await this.#work;
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  async #deliver(): Promise<void> {
    try {
      while (!this.#pending.empty && !this.#closed) {
        if (!await this.#connected()) continue;
        await this.#write(this.#pending.takeLines());
      }
    } finally {
      this.#work = undefined;
    }
  }

  /** Whether there is a connection now; false: try again, or not at all when closed. */
  async #connected(): Promise<boolean> {
    if (this.#connection !== undefined) return true;
    try {
      const connection = await Deno.connect({ transport: "unix", path: this.path });
      if (this.#closed) connection.close();
      else this.#connection = connection;
      this.#retry = FIRST_RETRY;
      return !this.#closed;
    } catch (error) {
      const refused = error instanceof Deno.errors.ConnectionRefused;
      if (refused || error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
        this.close();
        this.dead(refused);
      } else {
        // Such as a full queue of connections: whoever listens is busy, not gone.
        await new Promise((resolve) => setTimeout(resolve, this.#retry));
        this.#retry = Math.min(2 * this.#retry, LAST_RETRY);
      }
      return false;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#connection?.write(bytes.subarray(at)) ?? bytes.length;
    } catch {
      // How much arrived is not known. If it lives it shall look at everything; connecting again tells whether it does.
      this.#drop();
      if (!this.#closed) this.#pending.addEverywhere();
    }
  }

  #drop(): void {
    try {
      this.#connection?.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    this.#connection = undefined;
  }
}
