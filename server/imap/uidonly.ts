/** UIDONLY: a session without message numbers (RFC 9586). */
import type { Found } from "./commands/table.ts";
import { BadError } from "./errors.ts";
import type { Session } from "./session.ts";

/** @throws {BadError} UIDREQUIRED: the form of a command that takes or tells message numbers */
export function demandNumberless(session: Session, { definition, uid }: Pick<Found, "definition" | "uid">): void {
  if (session.uidOnly && definition.uid === "also" && !uid && !definition.numberless) throw uidRequired();
}

export function uidRequired(): BadError {
  return new BadError("UIDREQUIRED", "UIDs are required here");
}
