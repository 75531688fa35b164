/**
 * Copies write-ahead logs into their databases, on a thread of its own: that writes and flushes megabytes, and whoever has sessions to
 * serve should not wait for it. The thread is there while there is something to do.
 */
import { log } from "./background.ts";
import { CHECKPOINT_THREAD } from "./checkpointplace.ts";

/** The thread ends when it had nothing to do for so long: it takes some 13 MB. */
const IDLE_MS = 10_000;

export class Checkpoints {
  #thread: Worker | undefined;
  #end: ReturnType<typeof setTimeout> | undefined;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  /**
   * As much of the log as nobody needs any more, one database after the other. Resolves when that was tried; what could not be done is left
   * to the next time.
   */
  async run(path: string): Promise<void> {
    if (this.#closed) return;
    this.#waiting++;
    const mine = this.#last.then(() => this.#run(path));
    this.#last = mine;
    await mine;
    if (--this.#waiting > 0 || this.#closed) return;
    this.#end = setTimeout(() => this.#stop(), IDLE_MS);
    Deno.unrefTimer(this.#end);
  }

  async #run(path: string): Promise<void> {
    clearTimeout(this.#end);
    const thread = this.#thread ??= new Worker(CHECKPOINT_THREAD, { type: "module", name: "checkpoints" });
    const { promise, resolve } = Promise.withResolvers<string>();
    thread.onmessage = ({ data }) => resolve(String(data));
    thread.onerror = (event) => {
      event.preventDefault();
      this.#stop();
      resolve(event.message);
    };
    thread.postMessage(path);
    const fault = await promise;
    if (fault !== "") log.warning("a log could not be copied into its database: {fault}", { path, fault });
  }

  #stop(): void {
    this.#thread?.terminate();
    this.#thread = undefined;
  }

  /** Ends the thread when what was asked for is done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    clearTimeout(this.#end);
    this.#stop();
  }
}
