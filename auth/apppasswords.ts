/**
 * App passwords: one for each device or program, in place of the main password. Which of an account's passwords was used is
 * told by the secret that fits; for that all of them share the account's salts (`saltsFor`).
 */
import { randomBytes } from "node:crypto";
import type { AppPassword, Directory } from "../store/store.ts";
import type { AccountId } from "../store/types.ts";
import { inNetworks } from "./networks.ts";
import { type Salts, saltsOf } from "./secrets.ts";
import type { Client, Scope } from "./types.ts";

export const SCOPES: readonly Scope[] = ["imap", "lmtp"];

/** Letters and digits that cannot be taken for one another (RFC 4648 §6, in lower case). */
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const LENGTH = 16;

/** A new app password: 16 characters, 80 bits. It has no separators, since SCRAM clients hash what was typed as it was typed. */
export function generateAppPassword(): string {
  return Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

/** The salts that a new secret of an account has to have; undefined where it has none yet, and new ones are made. */
export async function saltsFor(directory: Directory, account: AccountId): Promise<Salts | undefined> {
  const salts = saltsOf(await directory.credentials(account));
  if (salts !== undefined) return salts;
  for (const { credentials } of await directory.appPasswords(account)) {
    const shared = saltsOf(credentials);
    if (shared !== undefined) return shared;
  }
  return undefined;
}

/** Whether an app password may be used by this client. @param now seconds since 1970 */
export function admitsClient(
  { scopes, networks, expires }: Pick<AppPassword, "scopes" | "networks" | "expires">,
  client: Client,
  now: number,
): boolean {
  return scopes.includes(client.scope) && (expires === null || now < expires) &&
    (networks.length === 0 || inNetworks(client.remote, networks));
}

/** @throws {RangeError} naming those that there are */
export function parseScope(text: string): Scope {
  const scope = SCOPES.find((known) => known === text.toLowerCase());
  if (scope === undefined) throw new RangeError(`${JSON.stringify(text)} is no scope; there are ${SCOPES.join(", ")}`);
  return scope;
}

/**
 * When an app password expires: "2027-01-31" (the day's end, UTC), "2027-01-31T12:00:00Z", or "90d" from now.
 * @param now seconds since 1970
 * @returns seconds since 1970
 * @throws {RangeError} saying what is wrong with it
 */
export function parseExpiry(text: string, now: number): number {
  const expires = expiryOf(text, now);
  if (!Number.isSafeInteger(expires)) {
    throw new RangeError(`${JSON.stringify(text)} is no date as 2027-01-31, no time as 2027-01-31T12:00:00Z, no "90d"`);
  }
  if (expires <= now) throw new RangeError(`${text} is over already`);
  return expires;
}

function expiryOf(text: string, now: number): number {
  const days = /^(\d{1,5})d$/.exec(text);
  if (days) return now + Number(days[1]) * 86_400;
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const start = Date.parse(`${text}T00:00:00Z`) / 1000;
    // Some engines take 31 February for a day in March.
    return Number.isNaN(start) || !new Date(start * 1000).toISOString().startsWith(text) ? NaN : start + 86_400;
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(text)) return NaN;
  return Date.parse(text) / 1000;
}
