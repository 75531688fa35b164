/** Rights on a selected mailbox of another account: looked up anew for each command, so that what is withdrawn is gone at once. */
import { isShared } from "./access.ts";
import type { Context } from "./command.ts";
import { ByeError } from "./errors.ts";
import { writeKeywords } from "./tell.ts";

/**
 * Tells FLAGS and PERMANENTFLAGS when the rights have changed (RFC 4314 §5.1.1).
 * @throws {ByeError} the mailbox may not be read any more
 */
export async function refreshRights(
  { session, server, out }: Pick<Context, "session" | "server" | "out">,
): Promise<void> {
  const { selected } = session;
  if (!selected || !isShared(selected.place)) return;
  const { mail, mailbox, place } = selected;
  const rights = await server.store.acl.rights(mail.reader, mail.account, mailbox.id);
  if (!rights.has("l", "r")) throw new ByeError("the selected mailbox is not shared any more");
  if (rights.letters === place.rights.letters) return;
  selected.place = { ...place, rights };
  writeKeywords(out, selected, selected.index);
}
