import { placeWith } from "../access.ts";
import { type Context, defineCommand, LOGGED_IN } from "../command.ts";
import { NoError } from "../errors.ts";
import { isOwner } from "../owners.ts";
import { parseIdentifier, parseRights } from "../rights.ts";
import type { FoundPlace } from "../access.ts";
import { Rights } from "../../../store/rights.ts";
import type { MailboxName } from "../../../store/types.ts";

interface Arguments {
  readonly name: MailboxName;
  readonly identifier: string;
  readonly mode: "set" | "add" | "remove";
  readonly rights: Rights;
}

/** With `+` and `-` rights are added and taken away; without, they are replaced. */
export const setAcl = defineCommand<Arguments>({
  name: "SETACL",
  states: LOGGED_IN,
  rfc: "4314 §3.1",
  parse(d) {
    d.sp();
    const name = d.mailbox();
    d.sp();
    const identifier = parseIdentifier(d);
    d.sp();
    const text = d.astringText();
    const mode = text.startsWith("+") ? "add" : text.startsWith("-") ? "remove" : "set";
    return { name, identifier, mode, rights: parseRights(mode === "set" ? text : text.slice(1)) };
  },
  async run(context, { name, identifier, mode, rights }) {
    const place = await placeWith(context, name, "a");
    const { mail, mailbox } = place;
    if (await ofOwner(context, place, identifier)) {
      if (mode === "add" || mode === "set" && rights.letters === Rights.ALL.letters) return;
      throw new NoError("CANNOT", "the owner of a mailbox has all rights, always");
    }
    await context.server.store.acl.change(mail.account, mailbox.id, identifier, mode, rights);
  },
});

export const deleteAcl = defineCommand<{ name: MailboxName; identifier: string }>({
  name: "DELETEACL",
  states: LOGGED_IN,
  rfc: "4314 §3.2",
  parse(d) {
    d.sp();
    const name = d.mailbox();
    d.sp();
    return { name, identifier: parseIdentifier(d) };
  },
  async run(context, { name, identifier }) {
    const place = await placeWith(context, name, "a");
    if (await ofOwner(context, place, identifier)) {
      throw new NoError("CANNOT", "the owner of a mailbox has all rights, always");
    }
    await context.server.store.acl.remove(place.mail.account, place.mailbox.id, identifier);
  },
});

/** @throws {NoError} CANNOT: rights taken from the owner */
async function ofOwner(context: Context, place: FoundPlace, identifier: string): Promise<boolean> {
  const negative = identifier.startsWith("-");
  if (!await isOwner(context, place, negative ? identifier.slice(1) : identifier)) return false;
  if (negative) throw new NoError("CANNOT", "rights cannot be taken from the owner");
  return true;
}
