import { destination, type Place } from "../access.ts";
import { type Context, defineCommand, SELECTED } from "../command.ts";
import { BadError, NoError } from "../errors.ts";
import { admitter, type Incoming, isUrlLiteral, parseIncoming, withMessages } from "../incoming.ts";
import { orTryCreate } from "../storefaults.ts";
import { highestModSeq, mayWrite } from "./expunge.ts";
import type { Session } from "../session.ts";
import { uidRequired } from "../uidonly.ts";
import type { Decoder } from "../wire/decoder.ts";
import type { Appended, NewMessage } from "../../../store/store.ts";
import type { MailboxName, Uid } from "../../../store/types.ts";

/** A message number (`*` is the last one) or, of the UID form, a UID. */
type Target = number | "*";

interface Arguments {
  readonly target: Target;
  readonly name: MailboxName;
  readonly message: Incoming;
}

/**
 * A new message, maybe in another mailbox, and the end of an old one: both or none, with the quota counted after the old one is gone
 * (RFC 8508 §3.4). APPENDUID is told before the removal, which is told as for any other session (§4.3).
 */
export const replace = defineCommand<Arguments>({
  name: "REPLACE",
  uid: "also",
  states: SELECTED,
  removes: true,
  rfc: "8508",
  content: (rest) => {
    const text = new TextDecoder("latin1").decode(rest);
    return !/^ \S+ ~?\{\d+\+?\}$/.test(text) && !isUrlLiteral(text);
  },
  accept: (context) =>
    admitter(context, async (d, line) => {
      const uid = isUid(line);
      d.sp();
      const target = parseTarget(d, context.session, uid);
      d.sp();
      const place = await destination(context, d.mailbox());
      mayWrite(context, "t", "e");
      const { mail } = context.selected;
      const bytes = await sizeOf(context, uidOf(context, target, uid));
      return { place, frees: mail.account === place.mail.account ? { bytes, messages: 1 } : undefined };
    }),
  parse(d, session, uid) {
    d.sp();
    const target = parseTarget(d, session, uid);
    d.sp();
    const name = d.mailbox();
    d.sp();
    return { target, name, message: parseIncoming(d) };
  },
  async run(context, { target, name, message }) {
    const { selected, session, out, uid } = context;
    mayWrite(context, "t", "e");
    const place = await destination(context, name);
    const old = uidOf(context, target, uid);
    const { mailbox, uids } = await withMessages(
      context,
      place,
      [message],
      ([ready]) => orTryCreate(store(context, old, place, ready)),
    );
    out.ascii(`* OK [APPENDUID ${mailbox.uidValidity} ${uids[0]}] replacement is there`).crlf();
    if (!session.qresync) return;
    // RFC 8508 §4.5 with RFC 7162 §3.2.7: as for an expunge.
    return { code: await highestModSeq(selected) };
  },
});

/** Where the mailboxes are of two accounts, the old message goes once the new one is safe: it is never lost. */
async function store(context: Context, old: Uid, { mail, name }: Place, message: NewMessage): Promise<Appended> {
  const { mail: source, mailbox } = context.selected;
  if (source.account === mail.account) return await mail.replace(mailbox.id, old, name, message);
  if (await sizeOf(context, old) === 0) throw new NoError("EXPUNGEISSUED", "the message does not exist any more");
  const appended = await mail.append(name, [message]);
  await mail.safe();
  await source.remove(mailbox.id, [{ first: old, last: old }]);
  return appended;
}

/** `UID` stands between the tag and the command. */
function isUid(line: Uint8Array): boolean {
  return /^\S+ UID /i.test(new TextDecoder("latin1").decode(line.subarray(0, 120)));
}

/** @throws {BadError} UIDREQUIRED: in UIDONLY mode there are no message numbers (RFC 9586 §3) */
function parseTarget(d: Decoder, session: Session, uid: boolean): Target {
  if (session.uidOnly && !uid) throw uidRequired();
  return !uid && d.tryByte("*") ? "*" : d.nzNumber();
}

/**
 * Of a UID only that it may exist is known before the store looks.
 * @throws {BadError} there is no such message number
 * @throws {NoError} NONEXISTENT: a UID that no message had yet
 */
function uidOf({ selected }: Context, target: Target, uid: boolean): Uid {
  if (target !== "*" && uid) {
    if (target >= selected.index.uidNext) throw new NoError("NONEXISTENT", "there is no such message");
    return target as Uid;
  }
  const number = target === "*" ? selected.count : target;
  if (number < 1 || number > selected.count) throw new BadError(undefined, `there is no message number ${number}`);
  return selected.uidAt(number - 1);
}

/** Bytes of a message of the selected mailbox, 0 where it is gone. */
async function sizeOf({ selected }: Context, uid: Uid): Promise<number> {
  const { mail, mailbox, pin } = selected;
  for await (const rows of mail.read(mailbox.id, [{ first: uid, last: uid }], ["size"], pin.modseq)) {
    for (const [size] of rows) return size;
  }
  return 0;
}
