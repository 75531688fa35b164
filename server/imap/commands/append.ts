import { defineCommand, LOGGED_IN } from "../command.ts";
import { destination } from "../access.ts";
import { admitter, type Incoming, isUrlLiteral, parseIncoming, withMessages } from "../incoming.ts";
import { tellNormalised } from "../listing.ts";
import { orTryCreate } from "../storefaults.ts";
import type { NameAsSent } from "../wire/decoder.ts";
import { formatRanges, rangesOf } from "../wire/sequence.ts";

interface Arguments {
  readonly named: NameAsSent;
  readonly messages: readonly Incoming[];
}

const latin1 = new TextDecoder("latin1");

/** One message or, all or nothing, many (RFC 3502). */
export const append = defineCommand<Arguments>({
  name: "APPEND",
  states: LOGGED_IN,
  rfc: "9051 §6.3.12, 3502, 7889, 4315, 4469, 3516 §4.4",
  // The literal that follows the name at once is the mailbox, one after URL a URL; all others are messages.
  content: (rest) => {
    const text = latin1.decode(rest);
    return !/^ ~?\{\d+\+?\}$/.test(text) && !isUrlLiteral(text);
  },
  accept: (context) =>
    admitter(context, async (d) => {
      d.sp();
      return { place: await destination(context, d.mailbox()) };
    }),
  parse(d) {
    d.sp();
    const named = d.mailboxAsSent();
    const messages: Incoming[] = [];
    do {
      d.sp();
      messages.push(parseIncoming(d));
    } while (!d.atEnd);
    return { named, messages };
  },
  async run(context, { named, messages }) {
    const place = await destination(context, named.name);
    const { mailbox, uids } = await withMessages(
      context,
      place,
      messages,
      (ready) => orTryCreate(place.mail.append(place.name, ready)),
    );
    await tellNormalised(context, named);
    return { code: `APPENDUID ${mailbox.uidValidity} ${formatRanges(rangesOf(uids))}` };
  },
});
