/**
 * Capabilities that an account does not get, for clients that misuse what is announced to them: they are not announced, their words
 * for ENABLE are unknown, and so are their commands.
 */
import type { Found } from "./commands/table.ts";
import { BadError } from "./errors.ts";
import type { Session } from "./session.ts";

/** Capabilities by the commands that they bring; those of the base protocol are not among them. */
const BROUGHT_BY: Readonly<Record<string, string>> = {
  CANCELUPDATE: "CONTEXT=SEARCH",
  COMPARATOR: "I18NLEVEL=2",
  COMPRESS: "COMPRESS=DEFLATE",
  DELETEACL: "ACL",
  ESEARCH: "MULTISEARCH",
  GETACL: "ACL",
  GETMETADATA: "METADATA",
  GETQUOTA: "QUOTA",
  GETQUOTAROOT: "QUOTA",
  ID: "ID",
  IDLE: "IDLE",
  LANGUAGE: "LANGUAGE",
  LISTRIGHTS: "ACL",
  MOVE: "MOVE",
  MYRIGHTS: "ACL",
  NAMESPACE: "NAMESPACE",
  NOTIFY: "NOTIFY",
  REPLACE: "REPLACE",
  SETACL: "ACL",
  SETMETADATA: "METADATA",
  SETQUOTA: "QUOTASET",
  SORT: "SORT",
  THREAD: "THREAD=REFERENCES",
  UIDBATCHES: "UIDBATCHES",
  UNAUTHENTICATE: "UNAUTHENTICATE",
  UNSELECT: "UNSELECT",
  XLIST: "XLIST",
};

/** Any case. */
export function isWithheld({ account }: Pick<Session, "account">, capability: string): boolean {
  const upper = capability.toUpperCase();
  return account?.withheld.some((name) => name.toUpperCase() === upper) ?? false;
}

/** @throws {BadError} the command is of a capability that is withheld */
export function demandOffered(session: Session, { definition }: Pick<Found, "definition">): void {
  const capability = BROUGHT_BY[definition.name];
  if (capability !== undefined && isWithheld(session, capability)) throw new BadError(undefined, "unknown command");
}

/** Commands with the capabilities that bring them. */
export function withholdable(): readonly (readonly [command: string, capability: string])[] {
  return Object.entries(BROUGHT_BY);
}
