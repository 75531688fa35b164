/** Retention: messages that have been in a mailbox for longer than its rule says are expunged. */
import { getLogger } from "@logtape/logtape";
import type { Account, Mailbox, Store } from "../../store/store.ts";
import type { Config } from "../config/schema.ts";

const log = getLogger(["roost", "upkeep"]);

/** @param rules seconds, by mailbox name or by special use with a backslash; a rule for the name counts before one for the use */
export async function retain(store: Store, account: Account, rules: Config["retention"] = {}): Promise<void> {
  if (Object.keys(rules).length === 0) return;
  const now = Math.floor(Date.now() / 1000);
  for (const mailbox of await store.mail(account.id).mailboxes()) {
    const seconds = ruleOf(mailbox, rules);
    if (seconds === undefined) continue;
    const removed = await store.upkeep(account.id).expungeSavedBefore(mailbox.id, now - seconds);
    if (removed.length === 0) continue;
    log.info("retention", { account: account.address, mailbox: mailbox.name, removed: removed.length });
  }
}

function ruleOf({ name, specialUse }: Mailbox, rules: Readonly<Record<string, number>>): number | undefined {
  if (Object.hasOwn(rules, name)) return rules[name];
  const rule = Object.entries(rules).find(([key]) => specialUse.some((use) => key.toLowerCase() === `\\${use}`));
  return rule?.[1];
}
