/** QRESYNC's parameter of SELECT: a client that comes back is told what changed while it was away (RFC 7162 §3.2.5). */
import { containsUid } from "../../store/uidranges.ts";
import { MAX_UID, type ModSeq, type Uid, type UidRanges } from "../../store/types.ts";
import type { Context } from "./command.ts";
import { BadError } from "./errors.ts";
import { addPosition, writeLines } from "./fetch/lines.ts";
import type { Selected, Span } from "./selected.ts";
import type { Session } from "./session.ts";
import { uidRequired } from "./uidonly.ts";
import type { Decoder } from "./wire/decoder.ts";
import { highestMatch, type PairRun, pairUids } from "./wire/seqmatch.ts";
import { formatRanges, intersectRanges, resolve } from "./wire/sequence.ts";

export interface Resync {
  readonly uidValidity: number;
  readonly modseq: ModSeq;
  /** UIDs the client has; undefined: all up to its UIDNEXT. */
  readonly known: UidRanges | undefined;
  /** Message numbers and UIDs the client believed to go together (RFC 7162 §3.2.5.2). */
  readonly match: readonly PairRun[] | undefined;
}

/** `SP "(" uidvalidity SP modseq [SP known-uids] [SP seq-match-data] ")"`, after the word QRESYNC. */
export function parseResync(d: Decoder, session: Pick<Session, "uidOnly">): Resync {
  d.sp();
  d.byte("(");
  const uidValidity = d.nzNumber();
  d.sp();
  const modseq = d.nzNumber64() as ModSeq;
  let known: UidRanges | undefined;
  let match: Resync["match"];
  while (d.trySp()) {
    if (match) throw new BadError(undefined, "nothing may follow the sequence match data");
    if (!d.tryByte("(")) {
      if (known) throw new BadError(undefined, "known UIDs are given twice");
      known = knownUids(d);
      continue;
    }
    if (session.uidOnly) throw uidRequired(); // RFC 9586 §3.4
    const numbers = d.sequenceSet();
    d.sp();
    match = pairUids(numbers, d.sequenceSet());
    d.byte(")");
  }
  d.byte(")");
  return { uidValidity, modseq, known, match };
}

/** A set without `*` and `$`, as the grammar of known-uids wants. */
function knownUids(d: Decoder): UidRanges {
  const set = d.sequenceSet();
  if (set.saved || set.dynamic) throw new BadError(undefined, "`*` and `$` are not allowed here");
  return resolve(set, MAX_UID) as unknown as UidRanges;
}

/** VANISHED (EARLIER), then FETCH of what changed. Nothing where the client's UIDs are of another UIDVALIDITY. */
export async function resynchronise(context: Context, selected: Selected, resync: Resync): Promise<void> {
  const { out, session } = context;
  const { index, list, mailbox, mail } = selected;
  if (resync.uidValidity !== mailbox.uidValidity) return;
  let asked: UidRanges = resync.known ?? [{ first: 1 as Uid, last: MAX_UID }];
  // Up to the highest message number that the client still has right, it has missed no removal.
  const agreed = resync.match ? highestMatch(resync.match, (number) => list.uids[number - 1]) : 0;
  if (agreed > 0) asked = intersectRanges(asked, [{ first: agreed + 1 as Uid, last: MAX_UID }]);
  const vanished = await mail.vanishedSince(mailbox.id, resync.modseq, asked);
  if (vanished.length > 0) out.ascii("* VANISHED (EARLIER) ").ascii(formatRanges(vanished)).crlf();
  const changed: Span[] = [];
  for (const at of index.changedSince(resync.modseq)) {
    const position = list.uids === index.list.uids ? at : selected.positionOf(index.list.uids[at]);
    if (position < 0 || resync.known && !containsUid(resync.known, list.uids[position])) continue;
    addPosition(changed, position);
  }
  await writeLines(context, selected, changed, session.uidOnly ? ["FLAGS", "MODSEQ"] : ["UID", "FLAGS", "MODSEQ"]);
}
