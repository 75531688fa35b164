import type { SpecialUse } from "../../../store/types.ts";
import { defineCommand, LOGGED_IN } from "../command.ts";
import { canonicalPatterns, inOrder, lookUpNames, matching, writeList } from "../listing.ts";

/** Gmail's names for special uses, from before RFC 6154. Archives had none. */
const NAMES: Readonly<Record<SpecialUse, string | undefined>> = {
  all: "\\AllMail",
  archive: undefined,
  drafts: "\\Drafts",
  flagged: "\\Starred",
  important: "\\Important",
  junk: "\\Spam",
  sent: "\\Sent",
  trash: "\\Trash",
};

/** LIST of Gmail's first years, which old clients use to find special mailboxes. No standard defines it. */
export const xlist = defineCommand<{ reference: string; pattern: string }>({
  name: "XLIST",
  states: LOGGED_IN,
  rfc: "none; Gmail's",
  parse(d) {
    d.sp();
    const reference = d.listMailbox();
    d.sp();
    return { reference, pattern: d.listMailbox() };
  },
  async run(context, { reference, pattern }) {
    const names = await lookUpNames(context);
    const wanted = canonicalPatterns(reference, [pattern]);
    for await (const name of matching(wanted, inOrder([...names.mailboxes.keys(), ...names.levels]))) {
      const attributes = names.levels.has(name) ? ["\\Noselect"] : [];
      attributes.push(names.parents.has(name) ? "\\HasChildren" : "\\HasNoChildren");
      if (name === "INBOX") attributes.push("\\Inbox");
      for (const use of names.mailboxes.get(name)?.specialUse ?? []) {
        const attribute = NAMES[use];
        if (attribute) attributes.push(attribute);
      }
      writeList(context, name, attributes, "XLIST");
      context.out.crlf();
      await context.flushed();
    }
  },
});
