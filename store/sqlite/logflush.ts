/**
 * Brings what an account's write-ahead log holds to the disk, off the thread. One flush serves all commits before it, whoever made
 * them; those that come while one is under way share the next.
 *
 * Invariant: a commit counts as safe only when a flush that began after it has ended well.
 */
import { BackgroundTimer } from "./background.ts";

/** From the first commit that nobody waits for to its flush. */
const SOON_MS = 500;

export class LogFlush {
  #file: Deno.FsFile | undefined;
  #committed = 0;
  #safe = 0;
  #running: Promise<void> | undefined;
  readonly #soon = new BackgroundTimer(async () => {
    this.committed();
    await this.safe();
  });

  /**
   * @param path of the log
   * @param instead makes all safe in another way, after a flush that failed: the system may have forgotten what it could not write
   */
  constructor(readonly path: string, readonly instead: () => Promise<void>) {}

  /** Something is not safe yet. */
  get waiting(): boolean {
    return this.#soon.waiting || this.#safe < this.#committed;
  }

  /**
   * Somebody else's commits were read, and are about to be told. What is not in the log was flushed with the database before the log was
   * begun anew, so an empty one has nothing that is not safe.
   */
  read(): void {
    if (!this.#isEmpty()) this.committed();
  }

  #isEmpty(): boolean {
    try {
      return Deno.statSync(this.path).size === 0;
    } catch {
      return false;
    }
  }

  /** There was a commit that has to be safe before anybody is told of it. */
  committed(): void {
    this.#committed++;
  }

  /** There was a commit that may take its time. */
  soon(): void {
    this.#soon.start(SOON_MS);
  }

  /** Resolves when all that was committed so far is safe; undefined: it is. @throws the system's error: it may not be */
  safe(): Promise<void> | undefined {
    return this.#safe < this.#committed ? this.#until(this.#committed) : undefined;
  }

  async #until(commit: number): Promise<void> {
    while (this.#safe < commit) await (this.#running ??= this.#run().finally(() => this.#running = undefined));
  }

  async #run(): Promise<void> {
    const upTo = this.#committed;
    try {
      this.#file ??= Deno.openSync(this.path, { read: true });
      await this.#file.syncData();
    } catch (error) {
      // The log is gone when all of it was copied into the database, which flushes.
      if (!(error instanceof Deno.errors.NotFound)) await this.instead();
    }
    this.#safe = upTo;
  }

  /** The database was closed: another one may get another log. */
  closed(): void {
    const file = this.#file;
    this.#file = undefined;
    if (this.#running) this.#running.finally(() => file?.close()).catch(() => {}); // told to those who wait for it
    else file?.close();
  }

  /** Makes all safe that was committed; nothing may come after. */
  async close(): Promise<void> {
    const late = this.#soon.waiting;
    await this.#soon.stop();
    if (late) this.committed();
    await this.safe();
  }
}
