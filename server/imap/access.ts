/**
 * Names of mailboxes as a session says them, and what it may do with what they name. Mailboxes of other accounts are called
 * `Shared/<address>/<name there>`.
 *
 * Invariant: a mailbox on which the account has no `l` is in no way different from one that does not exist (RFC 4314 §6), whatever
 * other rights there are.
 */
import { ALL_FLAGS, Flag, type FlagMask } from "../../store/flags.ts";
import { type Right, Rights } from "../../store/rights.ts";
import type { Account, Grant, Mailbox, MailStore } from "../../store/store.ts";
import { type AccountId, type MailboxName, StoreError } from "../../store/types.ts";
import type { Context } from "./command.ts";
import { NoError } from "./errors.ts";
import { SEPARATOR } from "./wire/names.ts";

/** What finding a place needs of a context. */
export type Seeker = Pick<Context, "session" | "server" | "mail">;

export interface Place {
  /** The owner's mail, as this reader sees it. */
  readonly mail: MailStore;
  /** In that account. */
  readonly name: MailboxName;
  /** As this client says it. */
  readonly shown: MailboxName;
  /** undefined: there is none, or none that this account may know of. */
  readonly mailbox: Mailbox | undefined;
  readonly rights: Rights;
}

/** A place with a mailbox. */
export interface FoundPlace extends Place {
  readonly mailbox: Mailbox;
}

/** First level of the names of what others share. */
export const SHARED = "Shared";
const SHARED_PREFIX = `${SHARED}${SEPARATOR}`;

/** A name that means another account's mailbox, taken apart. */
export interface SharedName {
  readonly address: string;
  /** In that account; empty: the name stops at the address. */
  readonly name: MailboxName | "";
}

/** undefined: the name is one of the account's own. */
export function sharedName(name: string): SharedName | undefined {
  if (name === SHARED) return { address: "", name: "" };
  if (!name.startsWith(SHARED_PREFIX)) return undefined;
  const end = name.indexOf(SEPARATOR, SHARED_PREFIX.length);
  const level = end < 0 ? name.slice(SHARED_PREFIX.length) : name.slice(SHARED_PREFIX.length, end);
  return { address: fromLevel(level), name: end < 0 ? "" : name.slice(end + 1) as MailboxName };
}

/** `Shared/<address>/<name>`. An address can hold what a level of a name cannot. */
export function shownName(address: string, name: string): MailboxName {
  const level = address.replace(/[%/]/g, escaped).replace(/^\.{1,2}$/, (dots) => dots.replaceAll(".", escaped));
  return `${SHARED_PREFIX}${level}${SEPARATOR}${name}` as MailboxName;
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function fromLevel(level: string): string {
  return level.replace(/%(25|2F|2E)/gi, (_, code) => String.fromCharCode(parseInt(code, 16)));
}

/** What a name means to this session. */
export async function placeOf(context: Seeker, name: MailboxName): Promise<Place> {
  const { mail } = context;
  const shared = sharedName(name);
  if (!shared) return { mail, name, shown: name, mailbox: await mail.mailbox(name), rights: Rights.ALL };
  const place = await sharedPlace(context, shared);
  return place?.rights.has("l") ? place : { mail, name, shown: name, mailbox: undefined, rights: Rights.NONE };
}

/** The account whose mailboxes have such names; undefined also for the session's own. */
export async function ownerOf({ server, mail }: Seeker, { address }: SharedName): Promise<Account | undefined> {
  const owner = address === "" ? undefined : await server.store.directory.find(address);
  return owner && owner.id !== mail.account ? owner : undefined;
}

async function sharedPlace(context: Seeker, shared: SharedName): Promise<FoundPlace | undefined> {
  const owner = await ownerOf(context, shared);
  return owner && shared.name !== "" ? await placeIn(context, owner, shared.name) : undefined;
}

/** A mailbox of another account with whatever rights there are, none included; undefined: it does not exist, or the owner shows this reader nothing at all. */
export async function placeIn(context: Seeker, owner: Account, name: MailboxName): Promise<FoundPlace | undefined> {
  const { store } = context.server;
  const reader = context.mail.account;
  // Where nothing is shared the owner's mail is not opened: the time that takes would tell which mailboxes there are.
  const grants = await store.acl.granted(reader);
  if (!grants.some((grant) => grant.owner === owner.id && grant.rights.has("l"))) return undefined;
  const mail = mailOf(context, owner.id);
  const mailbox = await ifThere(mail.mailbox(name));
  if (!mailbox) return undefined;
  const rights = await store.acl.rights(reader, owner.id, mailbox.id);
  return { mail, name, shown: shownName(owner.address, name), mailbox, rights };
}

/** Another account's mail as this one sees it. What was done to it must be safe before this session says anything. */
function mailOf({ server, mail, session }: Seeker, owner: AccountId): MailStore {
  const theirs = server.store.mailFor(owner, mail.account);
  session.uses(theirs);
  return theirs;
}

/** A mailbox, and its owner's account, can go at any time. @returns undefined: it is gone */
export async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StoreError && error.fault === "nonexistent") return undefined;
    throw error;
  }
}

/** As `placeOf`, for commands that need the mailbox. @throws {NoError} NONEXISTENT, NOPERM */
export async function placeWith(context: Seeker, name: MailboxName, ...rights: Right[]): Promise<FoundPlace> {
  const place = await placeOf(context, name);
  demand(place, ...rights);
  if (!isFound(place)) throw nonexistent();
  return place;
}

/** Where messages are to be put. @throws {NoError} TRYCREATE (RFC 9051 §7.1), NOPERM */
export async function destination(context: Seeker, name: MailboxName): Promise<FoundPlace> {
  const place = await placeOf(context, name);
  if (!isFound(place)) throw new NoError("TRYCREATE", "there is no such mailbox");
  demand(place, "i");
  return place;
}

/** @throws {NoError} NOPERM; NONEXISTENT instead where the account has no `l` */
export function demand({ rights }: Pick<Place, "rights">, ...wanted: Right[]): void {
  if (!rights.has("l")) throw nonexistent();
  const missing = wanted.filter((right) => !rights.has(right));
  if (missing.length > 0) throw notPermitted(`the right "${missing.join("")}" is missing`);
}

/** All mailboxes that the account can see, its own and those shared with it: one look-up, and one for each owner. */
export async function allPlaces(context: Seeker): Promise<FoundPlace[]> {
  const { mail, server } = context;
  const places: FoundPlace[] = (await mail.mailboxes()).map((mailbox) => ({
    mail,
    name: mailbox.name,
    shown: mailbox.name,
    mailbox,
    rights: Rights.ALL,
  }));
  const byOwner = new Map<AccountId, Grant[]>();
  for (const grant of await server.store.acl.granted(mail.account)) {
    if (!grant.rights.has("l")) continue;
    const grants = byOwner.get(grant.owner);
    if (grants) grants.push(grant);
    else byOwner.set(grant.owner, [grant]);
  }
  for (const [owner, grants] of byOwner) {
    const theirs = mailOf(context, owner);
    const mailboxes = new Map((await ifThere(theirs.mailboxes()) ?? []).map((mailbox) => [mailbox.id, mailbox]));
    for (const { address, mailbox: id, rights } of grants) {
      const mailbox = mailboxes.get(id);
      if (!mailbox) continue;
      const { name } = mailbox;
      places.push({ mail: theirs, name, shown: shownName(address, name), mailbox, rights });
    }
  }
  return places;
}

/** It belongs to another account. */
export function isShared({ mail }: Pick<Place, "mail">): boolean {
  return mail.account !== mail.reader;
}

/** There is something that others can see which these rights allow to change (RFC 4314 §5.2). */
export function changesMailbox({ rights, mail }: FoundPlace): boolean {
  return rights.hasAny("i", "e", "w", "t") || (rights.has("s") && mail.account === mail.reader);
}

/** Flags that may be set and cleared with these rights (RFC 4314 §4 STORE). */
export function flagsAllowed(rights: Rights): FlagMask {
  let mask = 0;
  if (rights.has("s")) mask |= Flag.Seen;
  if (rights.has("t")) mask |= Flag.Deleted;
  if (rights.has("w")) mask |= ALL_FLAGS & ~(Flag.Seen | Flag.Deleted);
  return mask;
}

export function isFound(place: Place): place is FoundPlace {
  return place.mailbox !== undefined;
}

export function nonexistent(): NoError {
  return new NoError("NONEXISTENT", "there is no such mailbox");
}

export function notPermitted(text: string): NoError {
  return new NoError("NOPERM", text);
}
