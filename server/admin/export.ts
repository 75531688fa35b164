/** `roost export`: an account's mail as files that other programs, and `roost import`, can read. */
import { reason } from "../reason.ts";
import { emlWriter } from "../formats/eml/write.ts";
import { countMessages, type Exported, exportMail } from "../formats/exporter.ts";
import { maildirWriter } from "../formats/maildir/write.ts";
import { mboxWriter } from "../formats/mbox/write.ts";
import { SourceError } from "../formats/source.ts";
import type { TreeWriter } from "../formats/target.ts";
import { findAccount, withStore } from "./data.ts";
import { AdminError } from "./errors.ts";
import type { Format } from "./formats.ts";
import { printable } from "../printable.ts";
import { Progress } from "./progress.ts";

const WRITERS: Readonly<Record<Format, TreeWriter>> = { maildir: maildirWriter, mbox: mboxWriter, eml: emlWriter };

/** Prints a summary. @returns 0, or 1 when something of an earlier export could not be used */
export async function exportCommand(
  config: string | undefined,
  format: Format,
  address: string,
  path: string,
  { quiet = false }: { quiet?: boolean },
): Promise<number> {
  return await withStore(config, async (store) => {
    const mail = store.mail((await findAccount(store, address)).id);
    const progress = new Progress("exported", quiet);
    progress.total = await countMessages(mail);
    let skipped = 0;
    const report = {
      skipped(place: string, why: string) {
        skipped++;
        progress.line(`roost: skipped: ${printable(place)}: ${printable(why)}`);
      },
      noted: (place: string, what: string) => progress.line(`roost: note: ${printable(place)}: ${printable(what)}`),
      progress: (messages: number, written: number) => progress.add(messages, written),
    };
    let exported: Exported;
    try {
      exported = await exportMail(mail, path, WRITERS[format], report);
    } catch (error) {
      if (!isFileFault(error)) throw error;
      throw new AdminError(`${reason(error)}; what was exported stays, the same command goes on from there`);
    } finally {
      progress.end();
    }
    const { mailboxes, written, present } = exported;
    console.log(`${mailboxes} mailboxes: ${written} messages exported, ${present} there already`);
    return skipped > 0 ? 1 : 0;
  });
}

/** What the system says of files: a full disk, no permission, something else of that name. */
function isFileFault(error: unknown): boolean {
  return error instanceof SourceError ||
    (error instanceof Error && ("code" in error || /\(os error \d+\)/.test(error.message)));
}
