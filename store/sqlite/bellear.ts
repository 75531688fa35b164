/** Hears other processes on a socket of our own. What cannot be understood is heard as "look everywhere". */
import type { Ring } from "../changes.ts";
import { MAX_LINE, parseRingLine } from "./belllines.ts";
import type { OwnSocket } from "./bellrun.ts";

const LINE_FEED = 10;

export class BellEar {
  readonly #connections = new Set<Deno.UnixConn>();
  readonly #done: Promise<void>;
  #closed = false;

  constructor(readonly socket: OwnSocket, readonly heard: (ring: Ring | "everywhere") => void) {
    this.#done = this.#accept();
  }

  /** Resolves when nothing is heard any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.socket.listener.close();
    for (const connection of this.#connections) connection.close();
    await this.#done;
  }

  async #accept(): Promise<void> {
    const reading = new Set<Promise<void>>();
    while (!this.#closed) {
      try {
        const connection = await this.socket.listener.accept();
        if (this.#closed) {
          connection.close();
          break;
        }
        this.#connections.add(connection);
        const read = this.#read(connection).finally(() => reading.delete(read));
        reading.add(read);
      } catch (error) {
        if (this.#closed || error instanceof Deno.errors.BadResource) break;
        // Out of file descriptors, most likely. The peer waits in the queue; nothing is lost that a look does not find.
        this.heard("everywhere");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    await Promise.all(reading);
  }

  async #read(connection: Deno.UnixConn): Promise<void> {
    const buffer = new Uint8Array(MAX_LINE);
    let held = 0;
    try {
      for (;;) {
        const count = await connection.read(buffer.subarray(held));
        if (count === null) break;
        held = this.#lines(buffer, held + count);
        if (held === buffer.length) break;
      }
    } catch (error) {
      if (!this.#closed && !isEnd(error)) throw error;
    } finally {
      this.#connections.delete(connection);
      if (held > 0 && !this.#closed) this.heard("everywhere");
      if (!this.#closed) connection.close();
    }
  }

  /** Hears the whole lines of the first `held` bytes; moves the rest to the front and returns its length. */
  #lines(buffer: Uint8Array, held: number): number {
    let start = 0;
    for (let end = buffer.indexOf(LINE_FEED); end >= 0 && end < held; end = buffer.indexOf(LINE_FEED, start)) {
      this.heard(parseRingLine(new TextDecoder().decode(buffer.subarray(start, end))) ?? "everywhere");
      start = end + 1;
    }
    buffer.copyWithin(0, start, held);
    return held - start;
  }
}

function isEnd(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.Interrupted || error instanceof Deno.errors.BrokenPipe;
}
