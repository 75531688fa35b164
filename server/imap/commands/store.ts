import { defineCommand, SELECTED } from "../command.ts";
import { enableCondstore } from "../condstore.ts";
import { flagsAllowed, isShared, notPermitted, type Place } from "../access.ts";
import { BadError, NoError } from "../errors.ts";
import { limited } from "../messagelimit.ts";
import { spanLength } from "../selected.ts";
import { tell, writeFlagsOf, writeKeywords } from "../tell.ts";
import { formatRanges, rangesOf, type SequenceSet } from "../wire/sequence.ts";
import { mayWrite } from "./expunge.ts";
import { ALL_FLAGS, type FlagMask, type FlagSet, flagSet, KEYWORD_BITS } from "../../../store/flags.ts";
import type { FlagsStored } from "../../../store/store.ts";
import type { ModSeq, UidRanges } from "../../../store/types.ts";
import type { Context } from "../command.ts";

interface Arguments {
  readonly set: SequenceSet;
  readonly mode: "set" | "add" | "remove";
  readonly silent: boolean;
  readonly flags: FlagSet;
  readonly unchangedSince: ModSeq | undefined;
}

const MODES = { "": "set", "+": "add", "-": "remove" } as const;

export const store = defineCommand<Arguments>({
  name: "STORE",
  uid: "also",
  states: SELECTED,
  rfc: "9051 §6.4.6, 7162 §3.1.3",
  keepsNumbers: (_, uid) => !uid,
  parse(d) {
    d.sp();
    const set = d.sequenceSet();
    d.sp();
    let unchangedSince: ModSeq | undefined;
    if (d.tryByte("(")) {
      if (d.word() !== "UNCHANGEDSINCE") throw new BadError(undefined, "unknown modifier");
      d.sp();
      unchangedSince = d.number64() as ModSeq;
      d.byte(")");
      d.sp();
    }
    const sign = d.tryByte("+") ? "+" : d.tryByte("-") ? "-" : "";
    const item = d.word();
    if (item !== "FLAGS" && item !== "FLAGS.SILENT") throw new BadError(undefined, "FLAGS or FLAGS.SILENT expected");
    d.sp();
    const names = d.peek() === 0x28 ? d.flagList() : bareFlags(() => d.flag(), () => d.trySp());
    return { set, mode: MODES[sign], silent: item === "FLAGS.SILENT", flags: flagSet(names), unchangedSince };
  },
  async run(context, { set, mode, silent, flags, unchangedSince }) {
    const { selected, uid } = context;
    mayWrite(context);
    const allowed = allowedFlags(selected.place, mode, flags);
    if (unchangedSince !== undefined) enableCondstore(context);
    // `*` is the last message the client knew when it spoke, not one that it is about to hear of.
    const { spans, code: limit } = limited(context.server, selected, selected.spans(set, uid));
    const uids = selected.ranges(spans);
    // What others changed is told first: then what follows is this command's doing alone.
    await tell(context, uid, false, isShared(selected.place) ? "all" : "own");
    const stored = await context.working(
      selected.mail.storeFlags(selected.mailbox.id, uids, { mode, flags, unchangedSince, allowed }),
    );
    context.session.looked = true; // within the transaction
    const gone = await answer(context, uids, stored, { silent, conditional: unchangedSince !== undefined });
    const modified = uid ? stored.modified : stored.modified.map((uid) => selected.positionOf(uid) + 1);
    const code = modified.length > 0 ? `MODIFIED ${formatRanges(rangesOf(modified))}` : undefined;
    // By message numbers, the client must hear that it named removed messages (RFC 2180 §4.2.3, RFC 7162 example 11).
    if (gone && !uid && !silent) throw new NoError(code ?? "EXPUNGEISSUED", "some of the messages are gone");
    if (!code) return limit ? { code: limit, text: "not all messages were changed" } : undefined;
    // One code fits into the tagged answer.
    if (limit) context.out.ascii(`* NO [${limit}] not all messages were changed`).crlf();
    return { code, text: "some were changed meanwhile" };
  },
});

/**
 * Flags that may be changed. Rights for some of those named are enough (RFC 4314 §4 STORE).
 * @throws {NoError} NOPERM: there is none of them
 */
function allowedFlags({ rights }: Place, mode: Arguments["mode"], flags: FlagSet): FlagMask {
  const allowed = flagsAllowed(rights);
  const wanted = flags.fixed | (flags.keywords.length > 0 ? KEYWORD_BITS : 0);
  // Setting no flags clears all; adding or removing none changes nothing.
  const touched = wanted === 0 && mode === "set" ? ALL_FLAGS : wanted;
  if (touched !== 0 && (touched & allowed) === 0) throw notPermitted("no right to change any of these flags");
  return allowed;
}

function bareFlags(flag: () => string, another: () => boolean): string[] {
  const names = [flag()];
  while (another()) names.push(flag());
  return names;
}

/**
 * FETCH for each message named, also where nothing changed (RFC 9051 §6.4.6); for .SILENT only where the client needs the new
 * MODSEQ, or asked for it by UNCHANGEDSINCE (RFC 7162 §3.1.3). Other sessions' changes that came in between are left for `tell`.
 * @returns whether some of the messages are gone
 */
async function answer(
  context: Context,
  uids: UidRanges,
  { modseq, modified }: FlagsStored,
  { silent, conditional }: { readonly silent: boolean; readonly conditional: boolean },
): Promise<boolean> {
  const { selected, session } = context;
  if (modseq !== undefined) selected.ownModSeqs.add(modseq);
  if (silent && !session.condstore) return false;
  const index = selected.index = await selected.mail.index(selected.mailbox.id, modseq === undefined ? "all" : "own");
  if (index.keywords.length > selected.keywordsTold) writeKeywords(context.out, selected, index);
  const refused = new Set<number>(modified);
  const spans = selected.spansOf(uids);
  const total = spanLength(spans);
  let done = 0;
  let gone = false;
  for (const { from, to } of spans) {
    for (let position = from; position < to; position++) {
      const at = selected.indexPosition(position);
      if (at < 0) gone = true;
      if (at < 0 || refused.has(selected.uidAt(position))) continue;
      const own = index.modseqs[at] === modseq;
      if (silent && !own && !conditional) continue;
      writeFlagsOf(context, selected, index, at, !silent);
      await context.flushed();
      if (++done % 1000 === 0) await context.progress(done, total);
    }
  }
  return gone;
}
