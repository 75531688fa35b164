/** STATUS responses for changes in mailboxes that are not selected (RFC 5465 §3.1, §5.1 to §5.3). */
import type { MailboxStatus } from "../../../store/store.ts";
import type { Context } from "../command.ts";
import type { NotifyEvent } from "./events.ts";

type Writer = Pick<Context, "out" | "session">;

/** What a client was told of a mailbox's messages. */
export interface Counts {
  readonly messages: number;
  readonly uidNext: number;
  readonly uidValidity: number;
  readonly unseen: number;
  readonly modseq: number;
}

/** Of a mailbox that was not there. */
export const NO_MESSAGES: Counts = { messages: 0, uidNext: 1, uidValidity: 0, unseen: 0, modseq: 0 };

export function countsOf({ messages, uidNext, uidValidity, unseen, highestModSeq }: MailboxStatus): Counts {
  return { messages, uidNext, uidValidity, unseen, modseq: highestModSeq };
}

/** For NOTIFY SET STATUS: all that the events can change. */
export function writeStatusNow(writer: Writer, name: string, counts: Counts, events: ReadonlySet<NotifyEvent>): void {
  const flags = events.has("FlagChange");
  writeStatus(writer, name, counts, { messages: true, unseen: flags, modseq: flags || writer.session.condstore });
}

/** What changed, if the events want it. Without CONDSTORE a change of flags is told where it changes UNSEEN. */
export function writeCounts(
  writer: Writer,
  name: string,
  before: Counts,
  now: Counts,
  events: ReadonlySet<NotifyEvent>,
): void {
  const { condstore } = writer.session;
  const messages = events.has("MessageNew") &&
    (before.messages !== now.messages || before.uidNext !== now.uidNext);
  const flags = events.has("FlagChange");
  const unseen = flags && before.unseen !== now.unseen;
  const replaced = flags && before.uidValidity !== 0 && before.uidValidity !== now.uidValidity;
  if (!messages && !unseen && !replaced && !(flags && condstore)) return;
  writeStatus(writer, name, now, { messages, unseen, modseq: condstore });
}

function writeStatus(
  { out, session }: Writer,
  name: string,
  { messages, uidNext, uidValidity, unseen, modseq }: Counts,
  items: { readonly messages: boolean; readonly unseen: boolean; readonly modseq: boolean },
): void {
  out.ascii("* STATUS ").mailbox(name, session.utf8).ascii(" (");
  if (items.messages) out.ascii("MESSAGES ").number(messages).ascii(" UIDNEXT ").number(uidNext).sp();
  out.ascii("UIDVALIDITY ").number(uidValidity);
  if (items.unseen) out.ascii(" UNSEEN ").number(unseen);
  if (items.modseq) out.ascii(" HIGHESTMODSEQ ").number(modseq);
  out.ascii(")").crlf();
}
