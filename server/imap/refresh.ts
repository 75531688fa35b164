/** Rights on a selected mailbox of another account: looked up anew for each command, so that what is withdrawn is gone at once. */
import { isShared } from "./access.ts";
import type { Context } from "./command.ts";
import { ByeError } from "./errors.ts";
import type { Selected } from "./selected.ts";
import { writeKeywords } from "./tell.ts";

/**
 * Tells FLAGS and PERMANENTFLAGS when the rights have changed (RFC 4314 §5.1.1). undefined: the mailbox is the account's own, or there is
 * none.
 * @throws {ByeError} the mailbox may not be read any more
 */
export function refreshRights(context: Pick<Context, "session" | "server" | "out">): Promise<void> | undefined {
  const { selected } = context.session;
  if (selected && isShared(selected.place)) return refresh(context, selected);
}

async function refresh({ server, out }: Pick<Context, "server" | "out">, selected: Selected): Promise<void> {
  const { mail, mailbox, place } = selected;
  const rights = await server.store.acl.rights(mail.reader, mail.account, mailbox.id);
  if (!rights.has("l", "r")) throw new ByeError("the selected mailbox is not shared any more");
  if (rights.letters === place.rights.letters) return;
  selected.place = { ...place, rights };
  writeKeywords(out, selected, selected.index);
}
