/** What readers of a mailbox that is not theirs do to its messages: \Seen is the reader's own, all else is the messages'. */
import { ALL_FLAGS, Flag } from "../flags.ts";
import type { FlagChange, FlagsStored } from "../store.ts";
import type { AccountId, MailboxId, Uid, UidRanges } from "../types.ts";
import { readFlags } from "./flagcolumns.ts";
import { storeFlags } from "./flags.ts";
import { mark, marksIn } from "./marks.ts";
import { type MessageRow, messagesIn } from "./messages.ts";
import type { Transaction } from "./transaction.ts";

/** STORE by a reader: \Seen is the reader's own, other flags are the message's. @throws {StoreError} nonexistent, limit */
export function storeReaderFlags(
  tx: Transaction,
  mailbox: MailboxId,
  reader: AccountId,
  uids: UidRanges,
  change: FlagChange,
): FlagsStored {
  const { mode, flags, unchangedSince = Infinity, allowed = ALL_FLAGS } = change;
  const found = messagesIn(tx, tx.mailbox(mailbox), uids);
  const marks = marksIn(tx, mailbox, reader, uids);
  const modified: Uid[] = [];
  const open: MessageRow[] = [];
  for (const message of found) {
    const modseq = Math.max(message.modseq, marks.get(message.uid)?.[2] ?? 0);
    if (modseq > unchangedSince) modified.push(message.uid as Uid);
    else open.push(message);
  }
  const named = (flags.fixed & Flag.Seen) !== 0;
  const marked: number[] = [];
  if (allowed & Flag.Seen && (named || mode === "set")) {
    const seen = named && mode !== "remove";
    for (const { uid } of open) if ((marks.get(uid)?.[1] === 1) !== seen) marked.push(uid);
    mark(tx, mailbox, reader, marked, seen);
  }
  const others = { mode, flags: { fixed: flags.fixed & ~Flag.Seen, keywords: flags.keywords } };
  const ranges = open.map(({ uid }) => ({ first: uid as Uid, last: uid as Uid }));
  const stored = storeFlags(tx, mailbox, readFlags(tx, mailbox, joined(ranges)), {
    ...others,
    allowed: allowed & ~Flag.Seen,
  });
  const changed = [...new Set([...stored.changed, ...marked])].sort((a, b) => a - b) as Uid[];
  return { modseq: tx.taken, changed, modified };
}

/** Neighbouring UIDs as one range. */
function joined(single: readonly { first: Uid; last: Uid }[]): UidRanges {
  const ranges: { first: Uid; last: Uid }[] = [];
  for (const { first } of single) {
    const before = ranges.at(-1);
    if (before && before.last === first - 1) before.last = first;
    else ranges.push({ first, last: first });
  }
  return ranges;
}
