/** Making and moving mailboxes: whose they become, who must allow it, and which access control list they start with (RFC 4314 §4). */
import type { Mailbox, MailStore } from "../../store/store.ts";
import type { MailboxId, MailboxName } from "../../store/types.ts";
import { notPermitted, ownerOf, placeIn, type Seeker, SHARED, sharedName } from "./access.ts";
import { NoError } from "./errors.ts";
import { ancestors } from "./listing.ts";

/** Where a new mailbox can be made. */
export interface Site {
  readonly mail: MailStore;
  /** In that account. */
  readonly name: MailboxName;
  /** The nearest parent that exists: its access control list is inherited. */
  readonly parent: Mailbox | undefined;
}

/**
 * Where a mailbox of that name would be made.
 * @throws {NoError} CANNOT: the name cannot be a mailbox's; NOPERM: `k` is missing on the nearest parent, or that cannot be seen
 */
export async function siteOf(context: Seeker, name: MailboxName): Promise<Site> {
  const shared = sharedName(name);
  if (!shared) {
    for (const above of ancestors(name)) {
      const parent = await context.mail.mailbox(above as MailboxName);
      if (parent) return { mail: context.mail, name, parent };
    }
    return { mail: context.mail, name, parent: undefined };
  }
  if (shared.name === "") throw new NoError("CANNOT", `${SHARED} holds what other accounts share`);
  const owner = await ownerOf(context, shared);
  if (owner) {
    for (const above of ancestors(shared.name)) {
      const parent = await placeIn(context, owner, above as MailboxName);
      if (!parent) continue;
      if (parent.rights.has("l", "k")) return { mail: parent.mail, name: shared.name, parent: parent.mailbox };
      break;
    }
  }
  throw notPermitted("mailboxes cannot be made there");
}

/**
 * Mailboxes that were made below the site's parent get its access control list.
 * @param moved the mailbox itself was there before and keeps its list; only levels above it can be new
 */
export async function inheritAcl(
  { server }: Pick<Seeker, "server">,
  { mail, name, parent }: Site,
  moved = false,
): Promise<void> {
  if (!parent) return;
  const made: MailboxId[] = [];
  for (const level of moved ? ancestors(name) : [name, ...ancestors(name)]) {
    if (level === parent.name) break;
    const mailbox = await mail.mailbox(level as MailboxName);
    if (mailbox) made.push(mailbox.id);
  }
  await server.store.acl.inherit(mail.account, parent.id, made);
}
