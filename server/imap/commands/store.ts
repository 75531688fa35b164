import { defineCommand, SELECTED } from "../command.ts";
import { enableCondstore } from "../condstore.ts";
import { BadError, NoError } from "../errors.ts";
import { tell, writeFlagsOf, writeKeywords } from "../tell.ts";
import { formatRanges, rangesOf, type SequenceSet } from "../wire/sequence.ts";
import { mayWrite } from "./expunge.ts";
import { type FlagSet, flagSet } from "../../../store/flags.ts";
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
    const { selected, mail, uid } = context;
    mayWrite(context);
    if (unchangedSince !== undefined) enableCondstore(context);
    // `*` is the last message the client knew when it spoke, not one that it is about to hear of.
    const uids = selected.ranges(selected.spans(set, uid));
    // What others changed is told first: then what follows is this command's doing alone.
    await tell(context, uid);
    const stored = await mail.storeFlags(selected.mailbox.id, uids, { mode, flags, unchangedSince });
    const gone = await answer(context, uids, stored, { silent, conditional: unchangedSince !== undefined });
    const modified = uid ? stored.modified : stored.modified.map((uid) => selected.positionOf(uid) + 1);
    const code = modified.length > 0 ? `MODIFIED ${formatRanges(rangesOf(modified))}` : undefined;
    // By message numbers, the client must hear that it named removed messages (RFC 2180 §4.2.3, RFC 7162 example 11).
    if (gone && !uid && !silent) throw new NoError(code ?? "EXPUNGEISSUED", "some of the messages are gone");
    if (code) return { code, text: "some were changed meanwhile" };
  },
});

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
  const index = selected.index = await selected.mail.index(selected.mailbox.id);
  if (index.keywords.length > selected.keywordsTold) writeKeywords(context.out, selected, index);
  const refused = new Set<number>(modified);
  let gone = false;
  for (const { from, to } of selected.spansOf(uids)) {
    for (let position = from; position < to; position++) {
      const at = selected.indexPosition(position);
      if (at < 0) gone = true;
      if (at < 0 || refused.has(selected.uidAt(position))) continue;
      const own = index.modseqs[at] === modseq;
      if (silent && !own && !conditional) continue;
      writeFlagsOf(context, selected, index, at, !silent);
      await context.flushed();
    }
  }
  return gone;
}
