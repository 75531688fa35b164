/**
 * Extensions that meet, and what then holds. docs/extensions.md is made from this table; each row has a test of its own in
 * tests/imap/pairs.test.ts, which fails where one is missing.
 */
export interface Pair {
  readonly first: string;
  readonly second: string;
  /** What a client can rely on. */
  readonly rule: string;
}

export const PAIRS: readonly Pair[] = [
  row(
    "UIDONLY",
    "QRESYNC",
    "SELECT refuses sequence match data with UIDREQUIRED; a resync tells VANISHED (EARLIER) and UIDFETCH.",
  ),
  row("UIDONLY", "CONDSTORE", "MODSEQ comes in UIDFETCH; MODIFIED of a conditional UID STORE names UIDs."),
  row("UIDONLY", "NOTIFY", "What NOTIFY tells unasked comes as UIDFETCH and VANISHED."),
  row("UIDONLY", "SEARCHRES", "`$` is kept as UIDs and can be used in every UID command."),
  row(
    "UIDONLY",
    "MULTISEARCH",
    "ESEARCH works with and without UID before it, since it tells UIDs alone; its keys can name no numbers.",
  ),
  row("UIDONLY", "CONTEXT", "ADDTO and REMOVEFROM of UID SEARCH and UID SORT hold UIDs."),
  row(
    "UIDONLY",
    "PARTIAL",
    "PARTIAL counts messages of the result, not message numbers; it works in UID FETCH and UID SEARCH.",
  ),
  row("UIDONLY", "UIDBATCHES", "Batches are ranges of UIDs that UID FETCH takes as they are."),
  row(
    "UIDONLY",
    "REPLACE",
    "REPLACE is refused with UIDREQUIRED before its literal is asked for; UID REPLACE tells VANISHED.",
  ),
  row("UIDONLY", "IMAP4rev1", "\\Recent and RECENT are still told; UNSEEN, a message number, is not."),
  row("SEARCHRES", "EXPUNGE", "Expunged messages leave `$`; the rest of it stays."),
  row("SEARCHRES", "REPLACE", "The replaced message leaves `$`, the new one does not join it."),
  row(
    "SEARCHRES",
    "MULTISEARCH",
    "SAVE and `$` are for the selected mailbox alone, and BAD where others are searched.",
  ),
  row("SEARCHRES", "PARTIAL", "SAVE with PARTIAL keeps what PARTIAL told."),
  row("ENABLE", "ENABLE", "The order of words, and of several ENABLE commands, makes no difference."),
  row("QRESYNC", "REPLACE", "The replaced message is told by VANISHED, and the tagged OK has HIGHESTMODSEQ."),
  row("QRESYNC", "NOTIFY", "Removals that NOTIFY tells are VANISHED."),
  row("CONDSTORE", "CONTEXT", "A MODSEQ key works in a kept result: changed messages join it."),
  row("NOTIFY", "IDLE", "IDLE tells what NOTIFY asked for, other mailboxes included, and nothing twice."),
  row("NOTIFY", "ACL", "Mailboxes on which the account has no `l` are never told of."),
  row("NOTIFY", "REPLACE", "One change is told of the other mailbox: its STATUS after it."),
  row("CONTEXT", "REPLACE", "A kept result loses the replaced message and gains the new one where it matches."),
  row("CATENATE", "ACL", "A URL of a mailbox without `r` is BADURL, in the same words as one that is not there."),
  row("CATENATE", "MULTIAPPEND", "Messages of both forms can stand in one APPEND, which is all or nothing."),
  row("CATENATE", "UTF8=ACCEPT", "URLs have percent-encoded UTF-8 names in every mode."),
  row("REPLACE", "QUOTA", "What the new message may take is counted after the old one is gone."),
  row("REPLACE", "ACL", "The right `i` is needed there, `t` and `e` here."),
  row("METADATA", "ACL", "Entries of a mailbox without `l` look as if there were no mailbox."),
  row("MULTISEARCH", "UTF8=ACCEPT", "Names of mailboxes are UTF-8 once it is enabled, modified UTF-7 before."),
  row(
    "MULTISEARCH",
    "ACL",
    "Mailboxes that are shared are searched where `r` is there; others are passed over without a word.",
  ),
  row("COMPRESS", "CATENATE", "Literals and go-aheads work under DEFLATE."),
  row("COMPRESS", "NOTIFY", "What is told unasked is flushed through DEFLATE at once."),
  row("COMPRESS", "UIDONLY", "Nothing changes."),
  row("UNAUTHENTICATE", "COMPRESS", "DEFLATE ends behind the command and behind its OK; COMPRESS may be used again."),
  row("UNAUTHENTICATE", "NOTIFY", "Nothing that was asked for is told to the next account."),
  row("UNAUTHENTICATE", "UIDONLY", "Message numbers are back."),
  row("UNAUTHENTICATE", "CONTEXT", "Kept results are forgotten."),
];

function row(first: string, second: string, rule: string): Pair {
  return { first, second, rule };
}

/** The title of a pair's test. */
export function pairTitle({ first, second }: Pick<Pair, "first" | "second">): string {
  return first === second ? `${first} in any order` : `${first} with ${second}`;
}
