/** The way to a store. */
import { MAX_KEYWORDS } from "../flags.ts";
import type { SearchMode, Store } from "../store.ts";
import { SqliteAcl } from "./acl.ts";
import type { AnnotationLimits } from "./annotations.ts";
import { openBell } from "./bell.ts";
import type { Siblings } from "./bellsiblings.ts";
import { openDirectory } from "./directory.ts";
import type { Keep } from "./purge.ts";
import { SqliteStore } from "./store.ts";

export interface StoreOptions {
  /** Made if it is not there; belongs to the store alone. */
  readonly dataDir: string;
  /** For accounts without their own; 0 is none. */
  readonly quotaBytes: number;
  readonly quotaMessages: number;
  /** Most keywords of a mailbox, MAX_KEYWORDS or fewer. */
  readonly keywords?: number;
  /** Of one account. */
  readonly annotations?: AnnotationLimits;
  /** "full": flag changes survive power loss too, at the price of a flush each. */
  readonly durability?: "default" | "full";
  /** How long and how much of the expunged messages of an account is kept to be undeleted; nothing unless given. */
  readonly keep?: Keep;
  /** What is kept for searching, of accounts without a mode of their own; "full" unless given. */
  readonly search?: SearchMode;
  /** Where several threads of a process open the same data: the part of its memory that is for this one, and its way to the others. */
  readonly share?: number;
  readonly siblings?: Siblings;
}

/**
 * Opens the store of a data folder. Any number of processes and threads may have it open.
 * @throws {StoreError} cannot (written by a newer program), inuse, diskfull
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { dataDir, quotaBytes, quotaMessages, keywords = MAX_KEYWORDS, durability = "default" } = options;
  const directory = openDirectory(dataDir);
  const bell = openBell(dataDir, options.siblings);
  return new SqliteStore({
    dataDir,
    directory,
    bell,
    acl: new SqliteAcl(directory.access, bell),
    annotations: options.annotations ?? { entries: 1000, bytes: 1_000_000, value: 100 * 1024 },
    quota: { bytes: quotaBytes, messages: quotaMessages },
    keywords,
    durability,
    keep: options.keep ?? { seconds: 0, bytes: 0 },
    search: options.search ?? "full",
    share: options.share ?? 1,
    close: async () => {
      await bell.close();
      directory.close();
    },
  });
}
