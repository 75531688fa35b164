import { defineCommand, LOGGED_IN } from "../command.ts";
import { ancestors, canonicalPatterns, inOrder, lookUpNames, matching, writeList } from "../listing.ts";

/** Subscribed names; with `%` also the unsubscribed levels above them, as \Noselect (RFC 3501 §6.3.9). */
export const lsub = defineCommand<{ reference: string; pattern: string }>({
  name: "LSUB",
  states: LOGGED_IN,
  rfc: "3501 §6.3.9",
  parse(d) {
    d.sp();
    const reference = d.listMailbox();
    d.sp();
    return { reference, pattern: d.listMailbox() };
  },
  async run(context, { reference, pattern }) {
    const { subscribed, mailboxes } = await lookUpNames(context);
    const wanted = canonicalPatterns(reference, [pattern]);
    const names = new Set<string>(subscribed);
    if (pattern.endsWith("%")) {
      for (const name of subscribed) for (const parent of ancestors(name)) names.add(parent);
    }
    for await (const name of matching(wanted, inOrder(names))) {
      const selectable = subscribed.has(name) && mailboxes.has(name);
      writeList(context, name, selectable ? [] : ["\\Noselect"], "LSUB");
      context.out.crlf();
      await context.flushed();
    }
  },
});
