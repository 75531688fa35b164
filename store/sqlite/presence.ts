/**
 * Who uses an account: each process and thread (a holder) has a small file in the account's folder `present` while it has the database
 * open, sessions that look at a mailbox, or files in hand, and holds an exclusive lock on it. A file whose lock is free was left by a
 * holder that was killed. The file says up to where the holder's sessions have been told, so that others may purge what nobody asks for;
 * while it is empty, nothing may be purged.
 *
 * Invariants: a holder's file comes into being, and those of killed ones go, under the account's lock `lock-purge` (shared and exclusive):
 * so whoever has it exclusively knows all holders, and nobody else comes. What a session pins is in the file before the session reads
 * what it pins, and a purger reads the files within its write transaction: so nothing that it removes can be new to a session.
 */
import { openLock } from "./folders.ts";

/** Up to where all sessions of a mailbox know what was expunged, by the mailbox's number; mailboxes without sessions are not named. */
export type Floors = Readonly<Record<string, number>>;

export class Presence {
  readonly #folder: string;
  readonly #lock: string;
  readonly #name = `${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
  #file: Deno.FsFile | undefined;
  #told = "";

  /** @param account its folder */
  constructor(account: string) {
    this.#folder = `${account}/present`;
    this.#lock = `${account}/lock-purge`;
  }

  get held(): boolean {
    return this.#file !== undefined;
  }

  /** Waits (milliseconds) while another purges. @param everything nothing at all is to be purged as long as it is there */
  enter({ everything = false }: { everything?: boolean } = {}): void {
    if (!this.#file) {
      using turn = openLock(this.#lock);
      if (!turn) throw new Deno.errors.NotFound("the account has no folder");
      turn.lockSync(false);
      const file = openNew(this.#folder, this.#name);
      file.lockSync(true);
      this.#file = file;
      this.#told = "";
      if (!everything) this.tell({});
    }
  }

  leave(): void {
    if (!this.#file) return;
    remove(`${this.#folder}/${this.#name}`);
    this.#file.close();
    this.#file = undefined;
  }

  /**
   * Lets purgers know; they do when it returns. The line stands there twice: whoever reads while it is written sees that.
   * @returns false: it cannot be written, and nothing is purged until it is told again
   */
  tell(floors: Floors): boolean {
    const line = JSON.stringify(floors);
    if (!this.#file || line === this.#told) return true;
    const bytes = new TextEncoder().encode(`${line}\n${line}\n`);
    try {
      this.#file.seekSync(0, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
      this.#file.truncateSync(bytes.length);
      this.#told = line;
      return true;
    } catch {
      // A full disk, most likely, on which mail can be read all the same.
      this.#file.truncateSync(0);
      this.#told = "";
      return false;
    }
  }

  /** Runs `work` if nobody else uses the account, and nobody comes while it runs. @returns whether it ran; not where the account is gone */
  alone(work: () => void): boolean {
    return this.#inTurn(() => {
      if (this.#others().length > 0) return false;
      work();
      return true;
    }) ?? false;
  }

  /**
   * Runs `work` while nobody else purges, and nobody comes. It gets what tells what the others have pinned, to be asked within the
   * transaction that removes: undefined is everything.
   * @returns whether it ran
   */
  purging(work: (others: () => readonly Floors[] | undefined) => void): boolean {
    return this.#inTurn(() => {
      work(() => {
        const others = this.#others();
        return others.every((floors) => floors !== undefined) ? others : undefined;
      });
      return true;
    }) ?? false;
  }

  #inTurn<T>(work: () => T): T | undefined {
    if (!this.#file) return undefined;
    using turn = openLock(this.#lock);
    return turn?.tryLockSync(true) ? work() : undefined;
  }

  /** What the other holders have told; undefined for nothing, or not as a whole. Removes what killed ones left. */
  #others(): (Floors | undefined)[] {
    const found: (Floors | undefined)[] = [];
    for (const { name } of Deno.readDirSync(this.#folder)) {
      if (name === this.#name) continue;
      const path = `${this.#folder}/${name}`;
      try {
        using file = Deno.openSync(path, { read: true, write: true });
        if (file.tryLockSync(true)) remove(path);
        else found.push(parsed(Deno.readTextFileSync(path)));
      } catch (error) {
        // It left.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return found;
  }
}

function parsed(text: string): Floors | undefined {
  const lines = text.split("\n");
  return lines.length === 3 && lines[0] === lines[1] && lines[2] === "" ? JSON.parse(lines[0]) : undefined;
}

function openNew(folder: string, name: string): Deno.FsFile {
  const open = () => Deno.openSync(`${folder}/${name}`, { write: true, create: true, mode: 0o600 });
  try {
    return open();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    return open();
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
