import { type Context, defineCommand, LOGGED_IN } from "../command.ts";
import { BadError, NoError } from "../errors.ts";
import { tellNormalised } from "../listing.ts";
import { orTryCreate } from "../storefaults.ts";
import { Decoder, type NameAsSent } from "../wire/decoder.ts";
import { formatRanges, rangesOf } from "../wire/sequence.ts";
import { type FlagSet, flagSet, NO_FLAGS } from "../../../store/flags.ts";
import type { Draft } from "../../../store/store.ts";
import type { MailboxName } from "../../../store/types.ts";

interface Message {
  readonly flags: FlagSet;
  readonly internalDate: number | undefined;
  readonly draft: Draft;
}

interface Arguments {
  readonly named: NameAsSent;
  readonly messages: readonly Message[];
}

/** One message or, all or nothing, many (RFC 3502). */
export const append = defineCommand<Arguments>({
  name: "APPEND",
  states: LOGGED_IN,
  rfc: "9051 §6.3.12, 3502, 7889, 4315",
  // The literal that follows the name at once is the mailbox; all others are messages.
  content: (rest) => !/^ ~?\{\d+\+?\}$/.test(new TextDecoder("latin1").decode(rest.subarray(0, 40))),
  async accept({ mail, session }, line, literals, size) {
    const d = new Decoder(line, literals, { utf8: session.utf8 });
    d.tag();
    d.sp();
    d.word();
    d.sp();
    const sizes = literals.flatMap(({ draft }) => draft ? [draft.size] : []);
    await room({ mail }, d.mailbox(), [...sizes, size]);
  },
  parse(d) {
    d.sp();
    const named = d.mailboxAsSent();
    const messages: Message[] = [];
    do {
      d.sp();
      messages.push(message(d));
    } while (!d.atEnd);
    return { named, messages };
  },
  async run(context, { named, messages }) {
    // A literal without bytes gives the whole command up (RFC 3502 §6.3.11).
    if (messages.some(({ draft }) => draft.size === 0)) throw new NoError(undefined, "an empty message cancels APPEND");
    const { mailbox, uids } = await orTryCreate(context.mail.append(named.name, messages));
    await tellNormalised(context, named);
    return { code: `APPENDUID ${mailbox.uidValidity} ${formatRanges(rangesOf(uids))}` };
  },
});

function message(d: Decoder): Message {
  let flags = NO_FLAGS;
  if (d.peek() === 0x28) {
    flags = flagSet(d.flagList());
    d.sp();
  }
  let internalDate: number | undefined;
  if (d.peek() === 0x22) {
    internalDate = d.dateTime();
    d.sp();
  }
  // RFC 6855 §4: `UTF8 (~{n})`.
  const wrapped = d.tryWord("UTF8");
  if (wrapped) {
    d.sp();
    d.byte("(");
  }
  const { draft } = d.literal();
  if (!draft) throw new BadError(undefined, "a message literal was expected");
  if (wrapped) d.byte(")");
  return { flags, internalDate, draft };
}

/** Says no before the bytes of the last message are asked for. @throws {NoError} TRYCREATE, OVERQUOTA */
async function room({ mail }: Pick<Context, "mail">, name: MailboxName, sizes: readonly number[]): Promise<void> {
  if (!await mail.mailbox(name)) throw new NoError("TRYCREATE", "there is no such mailbox");
  const { bytes, messages, limitBytes, limitMessages } = await mail.usage();
  const more = sizes.reduce((sum, size) => sum + size, 0);
  const over = (limitBytes > 0 && bytes + more > limitBytes) ||
    (limitMessages > 0 && messages + sizes.length > limitMessages);
  if (over) throw new NoError("OVERQUOTA", "the account's quota would be exceeded");
}
