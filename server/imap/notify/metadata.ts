/** METADATA responses that tell which entries changed, without their values (RFC 5464 §4.4.2, RFC 5465 §5.6, §5.7). */
import type { Context } from "../command.ts";

/** @param name of a mailbox; "" for the server */
export function writeMetadata(
  { out, session }: Pick<Context, "out" | "session">,
  name: string,
  entries: string[],
): void {
  out.ascii("* METADATA ").mailbox(name, session.utf8);
  for (const entry of entries) {
    out.sp();
    if (/^[A-Za-z0-9/._-]+$/.test(entry)) out.ascii(entry);
    else out.string(entry);
  }
  out.crlf();
}
