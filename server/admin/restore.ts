/** `roost restore`: out of a backup, all into an empty data directory, or part of it into a store that is in use. */
import { OpenBackup, restoreAccount, restoreAll } from "../../store/sqlite/backup/restore.ts";
import { readAccountManifest } from "../../store/sqlite/backup/manifest.ts";
import { replaceMail, restoreMail, type RestoreSelection } from "../../store/sqlite/backup/restoremail.ts";
import { AccountRows } from "../../store/sqlite/backup/accountrows.ts";
import { SavedMail, type SavedMessage } from "../../store/sqlite/backup/source.ts";
import type { Account, Store } from "../../store/store.ts";
import type { MailboxName } from "../../store/types.ts";
import { loadConfig } from "../config/load.ts";
import { printable } from "../printable.ts";
import { findAccount, withStore } from "./data.ts";
import { AdminError } from "./errors.ts";
import { fileFaults } from "./filefaults.ts";
import { nameArgument } from "./nameargument.ts";
import { Progress, standardError } from "./progress.ts";

export interface RestoreCommandOptions {
  readonly account?: string;
  readonly mailbox?: string;
  /** Message-IDs, or UIDs of the mailbox. */
  readonly message?: readonly string[];
  readonly into?: string;
  readonly replace?: boolean;
  readonly keepUidvalidity?: boolean;
  readonly quiet?: boolean;
}

/** Where an account's mail goes that is there already. */
const RESTORED = "Restored" as MailboxName;
const AGAIN = "nothing is lost, the same command goes on from there";

/** Prints a summary. @returns 0, or 1 when something of the backup was missing */
export async function restoreCommand(
  config: string | undefined,
  folder: string,
  options: RestoreCommandOptions,
): Promise<number> {
  check(options);
  using backup = await fileFaults(AGAIN, async () => OpenBackup.open(folder));
  if (options.account !== undefined) return await restoreOne(config, backup, options.account, options);
  const { dataDir } = loadConfig(config).config;
  const { quiet = false } = options;
  const progress = new Progress("restored", quiet, standardError(quiet), "accounts");
  try {
    const accounts = await fileFaults(AGAIN, () =>
      restoreAll(backup, dataDir, {
        keepUidValidity: options.keepUidvalidity ?? false,
        progress: (of) => {
          progress.total = of;
          progress.add(1, 1);
        },
      }));
    progress.end();
    console.log(`${accounts} accounts restored, as they were at ${backup.manifest.time}`);
    return 0;
  } finally {
    progress.end();
  }
}

/** @throws {AdminError} */
function check({ account, mailbox, message, into, replace, keepUidvalidity }: RestoreCommandOptions): void {
  const parts = mailbox !== undefined || message !== undefined || into !== undefined;
  if (account === undefined && (parts || replace)) throw new AdminError("of which account? Give --account", 2);
  if (replace && parts) throw new AdminError("--replace is for whole accounts: no --mailbox, --message or --into", 2);
  if (keepUidvalidity && (parts || replace)) {
    throw new AdminError("--keep-uidvalidity is for all, or for an account that is made again", 2);
  }
  if (message?.some(isUids) && mailbox === undefined) throw new AdminError("UIDs of which mailbox? Give --mailbox", 2);
}

async function restoreOne(
  config: string | undefined,
  backup: OpenBackup,
  address: string,
  options: RestoreCommandOptions,
): Promise<number> {
  return await withStore(config, async (store, { dataDir }) => {
    const known = await store.directory.find(address.normalize("NFC"));
    const { mailbox, message, keepUidvalidity = false } = options;
    if (known) return await restoreInto(store, known, dataDir, backup, options);
    if (mailbox !== undefined || message !== undefined) await findAccount(store, address);
    const { left } = await fileFaults(
      AGAIN,
      () => restoreAccount(backup, dataDir, address, { keepUidValidity: keepUidvalidity }),
    );
    for (const what of left) console.error(`roost: not restored, somebody else has it: ${printable(what)}`);
    console.log(`${printable(address)}: made again, as it was at ${backup.manifest.time}`);
    return left.length === 0 ? 0 : 1;
  }, { create: true });
}

/** Into an account that is in use. */
async function restoreInto(
  store: Store,
  account: Account,
  dataDir: string,
  backup: OpenBackup,
  options: RestoreCommandOptions,
): Promise<number> {
  using saved = savedMail(backup, dataDir, account.address);
  const progress = new Progress("restored", options.quiet ?? false);
  let missing = 0;
  const report = {
    missing(mailbox: string, uid: number) {
      missing++;
      progress.line(`roost: the backup does not have ${printable(mailbox)}: UID ${uid}`);
    },
    progress: (bytes: number, messages: number) => progress.add(bytes, messages),
  };
  const into = { mail: store.mail(account.id), upkeep: store.upkeep(account.id) };
  try {
    if (options.replace) {
      const { added, present, expunged } = await fileFaults(AGAIN, () => replaceMail(saved, into, report));
      progress.end();
      console.log(`${added} messages restored, ${present} there already, ${expunged} newer ones expunged`);
    } else {
      const selection = selected(saved, options);
      const { added, present } = await fileFaults(AGAIN, () => restoreMail(saved, into, selection, report));
      progress.end();
      if (options.message && added + present + missing === 0) {
        throw new AdminError("the backup has no such message there");
      }
      console.log(`${added} messages restored, ${present} there already`);
    }
    return missing === 0 ? 0 : 1;
  } finally {
    progress.end();
  }
}

/** @throws {AdminError} the backup does not have it */
function savedMail(backup: OpenBackup, dataDir: string, address: string): SavedMail {
  using rows = new AccountRows(backup.directory, dataDir);
  const account = rows.saved(address);
  const manifest = account && readAccountManifest(backup.folder, account.id);
  if (!manifest) throw new AdminError(`the backup has no mail of ${address}`);
  return new SavedMail(backup.folder, manifest);
}

/** @throws {AdminError} no such mailbox */
function selected(saved: SavedMail, { mailbox, message, into }: RestoreCommandOptions): RestoreSelection {
  const name = mailbox === undefined ? undefined : nameArgument(mailbox);
  const mailboxes = saved.mailboxes().filter((one) => name === undefined || one.name === name);
  if (mailboxes.length === 0) throw new AdminError(`the backup has no mailbox ${mailbox}`);
  const whole = name === undefined && message === undefined;
  const above = into === undefined ? whole ? RESTORED : undefined : nameArgument(into);
  return {
    mailboxes,
    target: (one) => above === undefined ? one.name : `${above}/${one.name}` as MailboxName,
    wanted: message && wantedOf(saved, message),
  };
}

function wantedOf(saved: SavedMail, messages: readonly string[]): (message: SavedMessage) => boolean {
  const emails = new Set(messages.filter((text) => !isUids(text)).flatMap((id) => [...saved.withMessageId(id)]));
  const ranges = messages.filter(isUids).flatMap((text) =>
    text.split(",").map((range) => {
      const [first, last = first] = range.split(":").map(Number);
      return [Math.min(first, last), Math.max(first, last)];
    })
  );
  return ({ email, uid }) => emails.has(email) || ranges.some(([first, last]) => first <= uid && uid <= last);
}

/** "7", "3:9", "1,4:6". */
function isUids(text: string): boolean {
  return /^\d{1,10}(:\d{1,10})?(,\d{1,10}(:\d{1,10})?)*$/.test(text);
}
