/** `roost sync`: mirrors accounts of other IMAP servers, beside a running server or without one. */
import type { Store } from "../../store/store.ts";
import { StoreError } from "../../store/types.ts";
import { reason } from "../reason.ts";
import type { Config } from "../config/schema.ts";
import { printable } from "../printable.ts";
import { type Forecast, forecast, syncAccount, type SyncOptions, type SyncReport } from "../sync/account.ts";
import { Connection, type ConnectionOptions } from "../sync/connection.ts";
import { SyncError } from "../sync/errors.ts";
import type { SourceAddress } from "../sync/url.ts";
import { findAccount, withStore } from "./data.ts";
import { AdminError } from "./errors.ts";
import { warnOfQuota } from "./import.ts";
import { knownPassword, secretFile } from "./password.ts";
import { Progress } from "./progress.ts";
import { type BatchEntry, readBatch } from "./syncbatch.ts";
import { printTable } from "./table.ts";

export interface SyncCommandOptions {
  readonly from?: SourceAddress;
  readonly to?: string;
  readonly batch?: string;
  readonly parallel: number;
  readonly passwordStdin?: boolean;
  readonly passwordFile?: string;
  readonly oauthTokenFile?: string;
  readonly insecure?: boolean;
  readonly tlsCa?: string;
  readonly tlsInsecure?: boolean;
  readonly mailbox?: readonly string[];
  readonly exclude?: readonly string[];
  readonly keepUids?: boolean;
  readonly keepDeleted?: boolean;
  readonly deleteMailboxes?: boolean;
  readonly maxSize?: number;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
}

/** Prints a line for each account and, of many, a summary. @returns 0, or 1 when something was skipped or an account failed */
export async function syncCommand(config: string | undefined, options: SyncCommandOptions): Promise<number> {
  const entries = entriesOf(options);
  const { insecure, tlsInsecure: anyCertificate, tlsCa } = options;
  const ca = tlsCa === undefined ? undefined : readFile(tlsCa);
  const login = await commonLogin(options, entries);
  return await withStore(config, async (store, config) => {
    const run = new Run(store, config, options, { ...login, insecure, anyCertificate, ca }, entries.length > 1);
    for (const { to } of entries) if (options.batch === undefined) await findAccount(store, to);
    await inParallel(entries, options.parallel, (entry) => run.one(entry));
    return run.end();
  });
}

function entriesOf({ from, to, batch }: SyncCommandOptions): readonly BatchEntry[] {
  if (batch !== undefined) {
    if (from !== undefined || to !== undefined) throw new AdminError("--batch has the place of --from and --to", 2);
    return readBatch(batch, readFile(batch));
  }
  if (from === undefined || to === undefined) throw new AdminError("--from and --to are needed, or --batch", 2);
  return [{ from, to }];
}

function readFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new AdminError(`${path}: ${reason(error)}`);
  }
}

/** What accounts without a password of their own log in with. */
async function commonLogin(options: SyncCommandOptions, entries: readonly BatchEntry[]): Promise<ConnectionOptions> {
  if (options.oauthTokenFile !== undefined) return { accessToken: secretFile(options.oauthTokenFile) };
  if (entries.every(({ password }) => password !== undefined)) return {};
  const [{ from }] = entries;
  const whom = entries.length === 1 ? `${from.user} at ${from.host}` : "all accounts that have none in the file";
  return { password: await knownPassword(options, `Password of ${printable(whom)}: `) };
}

/** Runs at most `most` at a time. */
async function inParallel<T>(items: readonly T[], most: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, most), items.length) }, worker));
}

class Run {
  #failed = 0;
  #done = 0;
  #skipped = 0;
  #added = 0;
  readonly #progress: Progress;

  constructor(
    readonly store: Store,
    readonly config: Config,
    readonly options: SyncCommandOptions,
    readonly login: ConnectionOptions,
    /** More than one account: each line says of which it is. */
    readonly many: boolean,
  ) {
    this.#progress = new Progress(options.dryRun ? "looked at" : "copied", options.quiet ?? false);
  }

  async one({ from, to, password }: BatchEntry): Promise<void> {
    const head = this.many ? `${printable(to)}: ` : "";
    const tell = (text: string) => this.#progress.line(`roost: ${head}${text}`);
    const login = password === undefined ? this.login : { ...this.login, accessToken: undefined, password };
    const connection = new Connection(
      from,
      login,
      (why) => tell(`the connection was lost (${printable(why)}); once more`),
    );
    try {
      const { id } = await findAccount(this.store, to);
      const mirror = [connection, this.store.mail(id), this.store.mirrors(id), this.#syncOptions()] as const;
      if (this.options.dryRun) {
        const found = await forecast(...mirror, this.#report(tell));
        this.#progress.end();
        await printForecast(to, found);
      } else {
        const { mailboxes, added, present, flagged, removed } = await syncAccount(...mirror, this.#report(tell));
        this.#added += added;
        const counts = [
          `${added} messages copied`,
          `${present} there already`,
          `${flagged} flags changed`,
          `${removed} removed`,
        ];
        this.#progress.end();
        console.log(`${head}${mailboxes} mailboxes: ${counts.join(", ")}`);
      }
      if (!this.options.dryRun) await warnOfQuota(this.store.mail(id), printable(to));
      this.#done++;
    } catch (error) {
      this.#failed++;
      if (!(error instanceof SyncError || error instanceof AdminError || error instanceof StoreError)) {
        // The other accounts are synced all the same.
        tell("this should not have happened:");
        console.error(error);
      } else tell(`${printable(error.message)}; what was copied stays, the same command goes on from there`);
    } finally {
      await connection.close();
    }
  }

  #syncOptions(): SyncOptions {
    const { mailbox: mailboxes, exclude, keepUids, keepDeleted, deleteMailboxes, maxSize } = this.options;
    const { messageSize, keywords } = this.config.limits;
    return {
      mailboxes,
      exclude,
      maxSize: maxSize ?? messageSize,
      maxKeywords: keywords,
      keepUids: keepUids ?? false,
      keepDeleted: keepDeleted ?? false,
      deleteMailboxes: deleteMailboxes ?? false,
    };
  }

  #report(tell: (text: string) => void): SyncReport {
    return {
      skipped: (place, why) => {
        this.#skipped++;
        tell(`skipped: ${printable(place)}: ${printable(why)}`);
      },
      noted: (place, what) => tell(`note: ${printable(place)}: ${printable(what)}`),
      begin: (total) => this.#progress.total += total,
      progress: (work, added) => this.#progress.add(work, added),
    };
  }

  /** @returns the exit code */
  end(): number {
    this.#progress.end();
    if (this.many) {
      const accounts = `${this.#done} accounts synced, ${this.#failed} failed`;
      console.log(`${accounts}: ${this.#added} messages copied, ${this.#skipped} skipped`);
    }
    return this.#failed + this.#skipped > 0 ? 1 : 0;
  }
}

/** A line for each mailbox; the last one is of all. */
async function printForecast(to: string, mailboxes: readonly Forecast[]): Promise<void> {
  const sum = (of: (mailbox: Forecast) => number) => mailboxes.reduce((total, mailbox) => total + of(mailbox), 0);
  const all = {
    path: "all",
    name: to,
    add: sum(({ add }) => add),
    bytes: sum(({ bytes }) => bytes),
    flag: sum(({ flag }) => flag),
    remove: sum(({ remove }) => remove),
    skip: sum(({ skip }) => skip),
  };
  await printTable([...mailboxes, all], [
    { title: "THERE", value: ({ path }) => path },
    { title: "HERE", value: ({ name }) => name },
    { title: "COPY", value: ({ add }) => `${add}` },
    { title: "BYTES", value: ({ bytes }) => `${bytes}` },
    { title: "FLAGS", value: ({ flag }) => `${flag}` },
    { title: "REMOVE", value: ({ remove }) => `${remove}` },
    { title: "SKIP", value: ({ skip }) => `${skip}` },
  ]);
}
