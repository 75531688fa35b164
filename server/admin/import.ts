/** `roost import`: mail from files of other programs into an account, beside a running server or without one. */
import { StoreError } from "../../store/types.ts";
import type { MailStore } from "../../store/store.ts";
import { reason } from "../reason.ts";
import { readEml } from "../formats/eml/read.ts";
import { type Imported, importMail } from "../formats/importer.ts";
import { readMaildir } from "../formats/maildir/read.ts";
import { readMbox } from "../formats/mbox/read.ts";
import { type MailSource, type Report, SourceError } from "../formats/source.ts";
import { findAccount, withStore } from "./data.ts";
import { AdminError } from "./errors.ts";
import { printable } from "../printable.ts";
import type { Format } from "./formats.ts";
import { nameArgument } from "./nameargument.ts";
import { Progress } from "./progress.ts";

const READERS: Readonly<Record<Format, (path: string, report: Report) => MailSource>> = {
  maildir: readMaildir,
  mbox: readMbox,
  eml: readEml,
};

export interface ImportCommandOptions {
  readonly mailbox?: string;
  readonly maxSize?: number;
  readonly quiet?: boolean;
}

/** Tells on standard error what is not imported as it is, then prints a summary. @returns 0, or 1 when something was left out */
export async function importCommand(
  config: string | undefined,
  format: Format,
  path: string,
  address: string,
  { mailbox, maxSize, quiet = false }: ImportCommandOptions,
): Promise<number> {
  const below = mailbox === undefined ? undefined : nameArgument(mailbox);
  return await withStore(config, async (store, { limits }) => {
    const mail = store.mail((await findAccount(store, address)).id);
    let skipped = 0;
    const progress = new Progress("imported", quiet);
    const tell = (text: string) => progress.line(`roost: ${text}`);
    const report = {
      skipped(place: string, why: string) {
        skipped++;
        tell(`skipped: ${printable(place)}: ${printable(why)}`);
      },
      noted: (place: string, what: string) => tell(`note: ${printable(place)}: ${printable(what)}`),
      progress: (work: number, added: number) => progress.add(work, added),
    };
    const source = open(format, path, report);
    progress.total = source.total;
    const options = { below, maxSize: maxSize ?? limits.messageSize, maxKeywords: limits.keywords };
    let imported: Imported;
    try {
      imported = await importMail(mail, source, options, report);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      throw new AdminError(`${error.message}; what was imported stays, the same command goes on from there`);
    } finally {
      progress.end();
    }
    const { mailboxes, added, present } = imported;
    console.log(`${mailboxes} mailboxes: ${added} messages imported, ${present} there already, ${skipped} skipped`);
    await warnOfQuota(mail, address);
    return skipped > 0 ? 1 : 0;
  });
}

function open(format: Format, path: string, report: Report): MailSource {
  try {
    return READERS[format](path, report);
  } catch (error) {
    if (error instanceof SourceError) throw new AdminError(error.message);
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      throw new AdminError(`${path}: ${reason(error)}`);
    }
    throw error;
  }
}

/** Nothing that an administrator brings is refused. */
export async function warnOfQuota(mail: MailStore, address: string): Promise<void> {
  const { bytes, messages, limitBytes, limitMessages } = await mail.usage();
  const over = (limitBytes > 0 && bytes > limitBytes) || (limitMessages > 0 && messages > limitMessages);
  if (over) console.error(`roost: note: ${address} is over its quota now: no new mail is taken until some is removed`);
}
