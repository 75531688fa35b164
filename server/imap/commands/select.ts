import type { Command, Context } from "../command.ts";
import { defineCommand, LOGGED_IN } from "../command.ts";
import { changesMailbox, placeWith } from "../access.ts";
import { enableCondstore } from "../condstore.ts";
import { BadError, NoError } from "../errors.ts";
import { mailboxObjectId } from "../objectid.ts";
import { parseResync, type Resync, resynchronise } from "../qresync.ts";
import { look, type Selected } from "../selected.ts";
import { claimRecent, recentCount, writeKeywords } from "../tell.ts";
import { writeListLine } from "../listing.ts";
import type { Decoder, NameAsSent } from "../wire/decoder.ts";
import { Flag } from "../../../store/flags.ts";
import { lowerBound } from "../../../store/index.ts";
import type { MailboxStatus } from "../../../store/store.ts";

interface Arguments {
  /** A name that can never be is refused when it runs: a SELECT that fails leaves no mailbox selected (RFC 9051 §6.3.2). */
  readonly named: NameAsSent | NoError;
  readonly condstore: boolean;
  readonly resync: Resync | undefined;
}

export const select = selectCommand("SELECT", "9051 §6.3.2", false);
export const examine = selectCommand("EXAMINE", "9051 §6.3.3", true);

function selectCommand(name: string, rfc: string, readOnly: boolean): Command {
  return defineCommand<Arguments>({
    name,
    states: LOGGED_IN,
    rfc,
    parse(d, session) {
      d.sp();
      const named = possibleName(d);
      let condstore = false;
      let resync: Resync | undefined;
      if (d.trySp()) {
        const words = d.list(() => {
          const word = d.word();
          if (word === "QRESYNC") {
            if (!session.qresync) throw new BadError(undefined, "QRESYNC must be enabled first");
            resync = parseResync(d, session);
          } else if (word === "CONDSTORE") condstore = true;
          else throw new BadError(undefined, `unknown parameter ${word}`);
          return word;
        });
        if (new Set(words).size < words.length) throw new BadError(undefined, "a parameter is given twice");
      }
      return { named, condstore, resync };
    },
    run: (context, args) => open(context, args, readOnly),
  });
}

function possibleName(d: Decoder): NameAsSent | NoError {
  try {
    return d.mailboxAsSent();
  } catch (error) {
    if (error instanceof NoError) return error;
    throw error;
  }
}

async function open(context: Context, { named, condstore, resync }: Arguments, readOnly: boolean) {
  const { session, out } = context;
  closeSelected(context);
  if (condstore) enableCondstore(context);
  if (named instanceof NoError) throw named;
  const place = await placeWith(context, named.name, "r");
  const { mail, mailbox } = place;
  // The status first: what it says can then not be ahead of what the index shows. Only \Recent of EXAMINE needs it.
  const status = readOnly && !session.rev2 ? await mail.status(mailbox.id) : undefined;
  const selected = await look(mail, mailbox, readOnly, place);
  const { index, count } = selected;
  session.selected = selected;
  session.looked = true;
  const { told } = selected;
  if (!session.rev2 && count > 0) {
    if (status) showRecent(selected, status);
    else await claimRecent(selected);
  }

  writeKeywords(out, selected, index);
  out.ascii("* ").number(count).ascii(" EXISTS").crlf();
  if (!session.rev2) {
    out.ascii("* ").number(recentCount(selected)).ascii(" RECENT").crlf();
    const unseen = session.uidOnly ? 0 : firstUnseen(selected); // a message number (RFC 9586 §3)
    if (unseen > 0) out.ascii(`* OK [UNSEEN ${unseen}] first unseen message`).crlf();
  }
  out.ascii(`* OK [UIDVALIDITY ${mailbox.uidValidity}] UIDs are valid`).crlf();
  out.ascii(`* OK [UIDNEXT ${index.uidNext}] next UID`).crlf();
  out.ascii(`* OK [HIGHESTMODSEQ ${told}] highest modification sequence`).crlf();
  out.ascii(`* OK [MAILBOXID (${mailboxObjectId(mailbox)})] identifies the mailbox`).crlf();
  if (session.rev2) await writeListLine(context, place.shown, named.sent);
  if (resync) await resynchronise(context, selected, resync);
  return { code: readOnly || !changesMailbox(place) ? "READ-ONLY" : "READ-WRITE" };
}

/** Leaves the selected mailbox and says so (RFC 9051 §7.1 CLOSED). */
export function closeSelected({ session, out }: Pick<Context, "session" | "out">): void {
  if (!session.selected) return;
  session.selected.pin.release();
  session.selected = undefined;
  out.ascii("* OK [CLOSED] previous mailbox closed").crlf();
}

/** EXAMINE shows what is \Recent and leaves it so for the next session (RFC 3501 §6.3.2). */
function showRecent(selected: Selected, { recent, uidNext }: MailboxStatus): void {
  const first = lowerBound(selected.list, uidNext) - recent;
  if (recent > 0) selected.recentFrom = selected.uidAt(Math.max(0, first));
}

/** Message number of the first message without \Seen, 0 if all are seen. */
function firstUnseen({ index, count }: Selected): number {
  for (let at = 0; at < count; at++) if (!(index.flagWords[at] & Flag.Seen)) return at + 1;
  return 0;
}
