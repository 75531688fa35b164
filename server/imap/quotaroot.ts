/**
 * Quota roots (RFC 9208 §3.2): each account is one, which its owner knows as `""` and everybody else as `#user/` and its address.
 * Administrators see and set all of them, other accounts see their own, and those of mailboxes that are shared with them.
 */
import type { Account } from "../../store/store.ts";
import type { AccountId } from "../../store/types.ts";
import type { Context } from "./command.ts";
import { NoError } from "./errors.ts";

const OWN = "";
const OF_ACCOUNT = "#user/";

export interface QuotaRoot {
  /** As this session names it. */
  readonly name: string;
  readonly account: AccountId;
}

/** The session's account as it is now: it may have become an administrator, or ceased to be one. */
async function own({ server, session }: Context): Promise<Account> {
  const account = session.account && await server.store.directory.get(session.account.id);
  if (!account) throw new NoError("NONEXISTENT", "the account was removed");
  return account;
}

/** @throws {NoError} NOPERM */
export async function demandAdmin(context: Context): Promise<void> {
  if (!(await own(context)).admin) throw new NoError("NOPERM", "only administrators set quotas");
}

/** @throws {NoError} NONEXISTENT: none, or none that this session may know of */
export async function quotaRoot(context: Context, name: string): Promise<QuotaRoot> {
  const self = await own(context);
  if (name === OWN) return { name, account: self.id };
  const address = name.startsWith(OF_ACCOUNT) ? name.slice(OF_ACCOUNT.length) : undefined;
  const account = address === undefined ? undefined : await context.server.store.directory.find(address);
  if (!account || !(self.admin || account.id === self.id)) {
    throw new NoError("NONEXISTENT", "there is no such quota root");
  }
  return { name: `${OF_ACCOUNT}${account.address}`, account: account.id };
}

/** The root that mailboxes of an account have for this session. */
export async function rootOfMail({ server, session }: Context, account: AccountId): Promise<QuotaRoot> {
  if (account === session.account?.id) return { name: OWN, account };
  const owner = await server.store.directory.get(account);
  if (!owner) throw new NoError("NONEXISTENT", "there is no such mailbox");
  return { name: `${OF_ACCOUNT}${owner.address}`, account };
}

/** `* QUOTA "" (STORAGE used limit MESSAGE used limit)`; resources without a limit are left out (RFC 9208 §4.2.1, §5). */
export async function writeQuota({ server, out }: Context, { name, account }: QuotaRoot): Promise<void> {
  const { bytes, messages, limitBytes, limitMessages } = await server.store.mail(account).usage();
  const resources: string[] = [];
  // STORAGE counts units of 1024 bytes.
  if (limitBytes > 0) resources.push(`STORAGE ${Math.ceil(bytes / 1024)} ${Math.floor(limitBytes / 1024)}`);
  if (limitMessages > 0) resources.push(`MESSAGE ${messages} ${limitMessages}`);
  out.ascii("* QUOTA ").string(name).ascii(` (${resources.join(" ")})`).crlf();
}
