/** CONDSTORE is turned on by ENABLE and by the first command that uses it (RFC 7162 §3.1). */
import type { Context } from "./command.ts";

/** From now on FETCH responses carry MODSEQ; a selected mailbox's HIGHESTMODSEQ is told at once (RFC 7162 §3.1.2.1). */
export async function enableCondstore({ session, out }: Pick<Context, "session" | "out">): Promise<void> {
  if (session.condstore) return;
  session.enabled.add("CONDSTORE");
  const { selected } = session;
  if (!selected) return;
  const { highestModSeq } = await selected.mail.status(selected.mailbox.id);
  out.ascii(`* OK [HIGHESTMODSEQ ${highestModSeq}] modification sequences are told from here on`).crlf();
}
