/**
 * How a response about one message begins: `* 3 FETCH (`, or `* 812 UIDFETCH (` for clients without message numbers (RFC 9586 §3.3).
 * All writers of such responses begin them here.
 */
import type { Session } from "./session.ts";
import type { Encoder } from "./wire/encoder.ts";

/** @param position in the client's list, counted from 0 */
export function writeFetchHead(out: Encoder, session: Pick<Session, "uidOnly">, position: number, uid: number): void {
  if (session.uidOnly) out.ascii("* ").number(uid).ascii(" UIDFETCH (");
  else out.ascii("* ").number(position + 1).ascii(" FETCH (");
}
