/** Which account an address is, and which mailbox it names: the one place that knows. */
import { domainToASCII, domainToUnicode } from "node:url";
import type { Account, Directory, Domains } from "../../store/store.ts";

export interface Recipient {
  /** As the sender wrote it. */
  readonly address: string;
  readonly account: Account;
  /** What stands behind the delimiter, in no checked form; "" for none. */
  readonly folder: string;
}

/** Why an address is no recipient. */
export type RecipientFault =
  | "unknown" // nobody has it
  | "removed" // its account is removed, and can be restored for some time
  | "domain"; // its domain is disabled for now

/**
 * The recipient that an address is: one of an account's addresses, or one with `delimiter` and a folder behind its local part; else who
 * gets all mail to the domain. Disabled accounts are found too: they get mail.
 * @param delimiter "" for none
 */
export async function findRecipient(
  directory: Pick<Directory, "find" | "catchAll"> & { readonly domains: Pick<Domains, "get"> },
  address: string,
  delimiter: string,
): Promise<Recipient | RecipientFault> {
  const at = address.lastIndexOf("@");
  const local = unquoted(at < 0 ? address : address.slice(0, at));
  const domains = at < 0 ? [] : domainForms(address.slice(at + 1));
  if (at >= 0 && (await directory.domains.get(address.slice(at + 1)))?.disabled) return "domain";
  const cut = delimiter === "" ? -1 : local.indexOf(delimiter);
  for (const [name, folder] of [[local, ""], ...(cut > 0 ? [[local.slice(0, cut), local.slice(cut + 1)]] : [])]) {
    for (const domain of at < 0 ? [""] : domains.map((domain) => `@${domain}`)) {
      const account = await directory.find(name + domain);
      if (account) return open({ address, account, folder });
    }
  }
  for (const domain of domains) {
    const account = await directory.catchAll(domain);
    if (account) return open({ address, account, folder: "" });
  }
  return "unknown";
}

function open(recipient: Recipient): Recipient | RecipientFault {
  return recipient.account.removed === null ? recipient : "removed";
}

/** `"ann"@b` is `ann@b` (RFC 5321 §4.1.2). */
function unquoted(local: string): string {
  return /^"(.*)"$/s.exec(local)?.[1].replace(/\\(.)/gs, "$1") ?? local;
}

/** An internationalised domain in both of its forms (RFC 5890 §2.3.2.1). */
function domainForms(domain: string): string[] {
  // deno-lint-ignore no-control-regex -- ASCII begins with the control characters
  if (/^[\x00-\x7f]*$/.test(domain) && !/(^|\.)xn--/i.test(domain)) return [domain];
  return [...new Set([domain, domainToUnicode(domain), domainToASCII(domain)])].filter((form) => form !== "");
}
