/**
 * Which processes and threads use an account: each holds a shared lock on its `lock` file while it has the database open, sessions
 * that look at a mailbox, or files in hand. Who gets the lock exclusively is alone, and may remove what others could still read.
 *
 * Invariant: a shared lock is changed into an exclusive one, and back, only by the holder of the second file's lock, because the
 * change gives up the old lock for a moment.
 */
export class Presence {
  #file: Deno.FsFile | undefined;

  constructor(readonly folder: string) {}

  get held(): boolean {
    return this.#file !== undefined;
  }

  /** Takes the shared lock; waits (milliseconds) while another purges. */
  enter(): void {
    if (this.#file) return;
    const file = open(`${this.folder}/lock`);
    try {
      file.lockSync(false);
    } catch (error) {
      file.close();
      throw error;
    }
    this.#file = file;
  }

  leave(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** Runs `work` if nobody else uses the account. @returns whether it ran */
  alone(work: () => void): boolean {
    const file = this.#file;
    if (!file) return false;
    using turn = open(`${this.folder}/lock-purge`);
    if (!turn.tryLockSync(true)) return false;
    try {
      if (!file.tryLockSync(true)) return false;
      work();
      return true;
    } finally {
      file.lockSync(false);
    }
  }
}

function open(path: string): Deno.FsFile {
  return Deno.openSync(path, { write: true, create: true, mode: 0o600 });
}
