import { placeWith } from "../access.ts";
import { defineCommand, LOGGED_IN } from "../command.ts";
import { isOwner, ownerAddress } from "../owners.ts";
import { parseIdentifier, rightsText, writeMyRights, writeWord } from "../rights.ts";
import { ALL_RIGHTS, Rights } from "../../../store/rights.ts";
import type { MailboxName } from "../../../store/types.ts";

/** The owner stands first, with all rights. */
export const getAcl = defineCommand<MailboxName>({
  name: "GETACL",
  states: LOGGED_IN,
  rfc: "4314 §3.3",
  parse(d) {
    d.sp();
    return d.mailbox();
  },
  async run(context, name) {
    const { out, session, server } = context;
    const place = await placeWith(context, name, "a");
    const owner = { identifier: await ownerAddress(context, place), rights: Rights.ALL };
    const entries = [owner, ...await server.store.acl.entries(place.mail.account, place.mailbox.id)];
    out.ascii("* ACL ").mailbox(place.shown, session.utf8);
    for (const { identifier, rights } of entries) {
      out.sp();
      writeWord(context, identifier);
      out.sp();
      writeWord(context, rightsText(rights));
    }
    out.crlf();
  },
});

/** Nothing is tied to anything; the owner has all, always. */
export const listRights = defineCommand<{ name: MailboxName; identifier: string; asGiven: string }>({
  name: "LISTRIGHTS",
  states: LOGGED_IN,
  rfc: "4314 §3.4",
  parse(d) {
    d.sp();
    const name = d.mailbox();
    d.sp();
    const start = d.position;
    const asGiven = d.astringText();
    d.position = start;
    return { name, identifier: parseIdentifier(d), asGiven };
  },
  async run(context, { name, identifier, asGiven }) {
    const { out, session } = context;
    const place = await placeWith(context, name, "a");
    out.ascii("* LISTRIGHTS ").mailbox(place.shown, session.utf8).sp();
    writeWord(context, asGiven);
    if (await isOwner(context, place, identifier)) out.ascii(` ${rightsText(Rights.ALL)}`).crlf();
    else out.ascii(` "" ${[...ALL_RIGHTS, "c", "d"].join(" ")}`).crlf();
  },
});

/** Any right lets one ask, as long as the mailbox can be seen (RFC 4314 §4, §6). */
export const myRights = defineCommand<MailboxName>({
  name: "MYRIGHTS",
  states: LOGGED_IN,
  rfc: "4314 §3.5",
  parse(d) {
    d.sp();
    return d.mailbox();
  },
  async run(context, name) {
    writeMyRights(context, await placeWith(context, name));
  },
});
