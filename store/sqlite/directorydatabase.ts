/** directory.db as those who keep something in it use it: transactions that wait for other processes without blocking the thread. */
import { randomBytes } from "node:crypto";
import { AccountDatabase, type Durability } from "./database.ts";
import { delay } from "./delay.ts";
import { SET_SETTING } from "./directorysettings.ts";
import { DIRECTORY_STEPS } from "./directoryschema.ts";
import { isBusy, storeFault } from "./errors.ts";

/** Longest wait for another process's transaction, and the pause between attempts, in milliseconds. */
const BUSY_WAIT = 10_000;
const BUSY_PAUSE = 10;

/** Made with the directory: what logins of unknown users are answered with comes from it. */
const LOGIN_SECRET = "loginSecret";

export class DirectoryDatabase {
  constructor(readonly db: AccountDatabase) {}

  async read<T>(work: (db: AccountDatabase) => T): Promise<T> {
    return await patiently(() => work(this.db));
  }

  /** @param durability "flags" for what a power cut may take: it costs no flush */
  async write<T>(work: (db: AccountDatabase) => T, durability: Durability = "full"): Promise<T> {
    return await patiently(() => this.db.write(durability, () => work(this.db)));
  }
}

/** Tries again while another process holds the lock. */
async function patiently<T>(work: () => T): Promise<T> {
  for (const end = performance.now() + BUSY_WAIT;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw storeFault(error);
      await delay(BUSY_PAUSE);
    }
  }
}

/** Opening is synchronous, so waiting blocks. @throws {StoreError} cannot (written by a newer program), inuse, diskfull */
export function openPatiently(path: string): AccountDatabase {
  for (const end = performance.now() + BUSY_WAIT;;) {
    try {
      return new AccountDatabase(
        path,
        (db) => void db.run(SET_SETTING, LOGIN_SECRET, randomBytes(32).toString("hex")),
        DIRECTORY_STEPS,
      );
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw storeFault(error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE);
    }
  }
}
