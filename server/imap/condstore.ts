/** CONDSTORE is turned on by ENABLE and by the first command that uses it (RFC 7162 §3.1). */
import type { Context } from "./command.ts";

/**
 * From now on FETCH responses carry MODSEQ; the selected mailbox's HIGHESTMODSEQ is told at once (RFC 7162 §3.1.2.1), as far as the
 * client has been told everything.
 */
export function enableCondstore({ session, out }: Pick<Context, "session" | "out">): void {
  if (session.condstore) return;
  session.enable("CONDSTORE");
  const { selected } = session;
  if (!selected) return;
  out.ascii(`* OK [HIGHESTMODSEQ ${selected.pin.modseq}] modification sequences are told from here on`).crlf();
}
