/**
 * METADATA responses without values, for sessions that enabled METADATA or METADATA-SERVER: annotations that others changed
 * (RFC 5464 §4.4.2). The account's own mailboxes and a selected one of somebody else are watched.
 */
import type { AnnotationNotice, MailStore } from "../../store/store.ts";
import type { AccountId, MailboxId, ModSeq } from "../../store/types.ts";
import type { Context } from "./command.ts";
import { writeChangedEntries } from "./metadata.ts";

export class MetadataWatch {
  /** By account: told up to here. */
  readonly #told = new Map<AccountId, ModSeq>();
  /** Commits of this session. */
  readonly #own = new Set<number>();

  /** This session made the commit: it is not told of it. */
  made(modseq: ModSeq | undefined): void {
    if (modseq !== undefined) this.#own.add(modseq);
  }

  /** What others changed since the last look; nothing at the first. */
  async changes(mail: MailStore): Promise<AnnotationNotice[]> {
    const now = await mail.modseq();
    const told = this.#told.get(mail.account);
    if (told === now) return [];
    const notices = told === undefined ? [] : await mail.annotationsSince(told);
    const last = notices.reduce((last, { modseq }) => Math.max(last, modseq), now as number);
    this.#told.set(mail.account, last as ModSeq);
    const others = notices.filter(({ modseq }) => !this.#own.has(modseq));
    if (mail.account === mail.reader) this.#own.clear();
    return others;
  }

  /** From now on there is nothing to tell of before. */
  async start(mail: MailStore): Promise<void> {
    this.#told.set(mail.account, await mail.modseq());
  }
}

/** Tells what is due. */
export async function tellMetadata(context: Context): Promise<void> {
  const { session } = context;
  const forMailboxes = session.enabled.has("METADATA");
  if (!forMailboxes && !session.enabled.has("METADATA-SERVER")) return;
  const { selected } = session;
  const own = await session.metadata.changes(context.mail);
  tellOf(context, "", own.filter(({ mailbox }) => mailbox === null));
  if (!forMailboxes) return;
  const ofMailboxes = own.filter(({ mailbox }) => mailbox !== null);
  if (ofMailboxes.length > 0) {
    const names = new Map((await context.mail.mailboxes()).map(({ id, name }) => [id, name]));
    for (const [id, notices] of Map.groupBy(ofMailboxes, ({ mailbox }) => mailbox as MailboxId)) {
      const name = names.get(id);
      if (name !== undefined) tellOf(context, name, notices);
    }
  }
  if (selected && selected.mail.account !== context.mail.account) {
    const notices = await session.metadata.changes(selected.mail);
    tellOf(context, selected.place.shown, notices.filter(({ mailbox }) => mailbox === selected.mailbox.id));
  }
}

/** One response for all entries of a mailbox, or with "" of the server. */
function tellOf(context: Context, name: string, notices: readonly AnnotationNotice[]): void {
  if (notices.length > 0) writeChangedEntries(context, name, new Set(notices.map(({ entry }) => entry)));
}
