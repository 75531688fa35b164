/** `roost account`: who can log in. All of it works beside a running server. */
import { saltsFor } from "../../auth/apppasswords.ts";
import { deriveAllCredentials, deriveCredentials } from "../../auth/secrets.ts";
import type { Account } from "../../store/store.ts";
import { reason } from "../reason.ts";
import type { Config } from "../config/schema.ts";
import { aliasesOf } from "./address.ts";
import { goneAt } from "./closing.ts";
import { findAccount, withStore } from "./data.ts";
import { endSessions } from "./ending.ts";
import { AdminError } from "./errors.ts";
import { checked, newPassword } from "./password.ts";
import { type Column, printTable, timeOrNull, timeText } from "./table.ts";

export interface AddOptions {
  readonly passwordStdin?: boolean;
  readonly batch?: string;
  readonly quota?: number;
}

/** Adds one account, or all of a batch or none of it. */
export async function accountAdd(
  config: string | undefined,
  address: string | undefined,
  options: AddOptions,
): Promise<void> {
  if (options.batch !== undefined) {
    if (address !== undefined || options.passwordStdin) {
      throw new AdminError("--batch takes addresses and passwords from its file alone", 2);
    }
    return await addBatch(config, options.batch, options.quota);
  }
  if (address === undefined) throw new AdminError("which account? Give an address, or --batch FILE", 2);
  const name = checkAddress(address);
  await withStore(config, async (store) => {
    const holder = await store.directory.find(name);
    if (holder) throw new AdminError(taken(name, holder));
    const credentials = await deriveCredentials(await newPassword(options));
    const [account] = await store.directory.add([{ address: name, credentials }]);
    if (options.quota !== undefined) {
      await store.directory.setQuota(account.id, { bytes: options.quota, messages: account.quotaMessages });
    }
  }, { create: true });
}

function taken(address: string, holder: Account): string {
  if (holder.removed !== null) return `${address} is removed; \`account restore\` brings it back`;
  if (holder.address.toLowerCase() !== address.toLowerCase()) return `${address} is an address of ${holder.address}`;
  return `there is an account ${address} already`;
}

async function addBatch(config: string | undefined, file: string, quota: number | undefined): Promise<void> {
  const entries = parseBatch(await readBatch(file));
  await withStore(config, async ({ directory }) => {
    const taken = new Set((await directory.list()).map(({ address }) => address.toLowerCase()));
    const again = entries.filter(({ address }) => taken.has(address.toLowerCase()));
    if (again.length > 0) {
      throw new AdminError(
        again.map(({ line, address }) => `line ${line}: there is an account ${address} already`).join("\n"),
      );
    }
    const credentials = await deriveAllCredentials(entries.map(({ password }) => password));
    const accounts = await directory.add(entries.map(({ address }, at) => ({ address, credentials: credentials[at] })));
    if (quota !== undefined) {
      for (const { id, quotaMessages } of accounts) {
        await directory.setQuota(id, { bytes: quota, messages: quotaMessages });
      }
    }
    console.log(`${accounts.length} accounts added`);
  }, { create: true });
}

async function readBatch(file: string): Promise<string> {
  try {
    return file === "-" ? await new Response(Deno.stdin.readable).text() : await Deno.readTextFile(file);
  } catch (error) {
    throw new AdminError(`${file} cannot be read: ${reason(error)}`);
  }
}

interface BatchEntry {
  readonly line: number;
  readonly address: string;
  readonly password: string;
}

/** Lines of `address<TAB>password`; empty ones are passed over. @throws {AdminError} with all faults, a line each. */
export function parseBatch(text: string): BatchEntry[] {
  const entries: BatchEntry[] = [];
  const faults: string[] = [];
  const seen = new Map<string, number>();
  text.split(/\r?\n/).forEach((content, at) => {
    const line = at + 1;
    if (content === "") return;
    try {
      const tab = content.indexOf("\t");
      if (tab < 0) throw new AdminError("expected address<TAB>password");
      const address = checkAddress(content.slice(0, tab));
      const password = checked(content.slice(tab + 1));
      const earlier = seen.get(address.toLowerCase());
      if (earlier !== undefined) throw new AdminError(`${address} stands in line ${earlier} already`);
      seen.set(address.toLowerCase(), line);
      entries.push({ line, address, password });
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      faults.push(`line ${line}: ${error.message}`);
    }
  });
  if (faults.length > 0) throw new AdminError(faults.join("\n"));
  return entries;
}

/** NFC; no spaces and no control characters, so that it can be typed, listed and logged. @throws {AdminError} */
export function checkAddress(text: string): string {
  const address = text.normalize("NFC");
  if (address === "") throw new AdminError("the address is empty");
  if (/[\s\p{C}]/u.test(address)) {
    throw new AdminError(`${JSON.stringify(address)} is no address: it has spaces or control characters`);
  }
  if (new TextEncoder().encode(address).length > 320) throw new AdminError("the address is longer than 320 bytes");
  return address;
}

interface Listed extends Account {
  /** All addresses but its own. */
  readonly aliases: readonly string[];
}

const COLUMNS: readonly Column<Listed>[] = [
  { title: "ADDRESS", value: ({ address }) => address },
  { title: "STATE", value: stateOf },
  {
    title: "QUOTA",
    value: ({ quotaBytes }) => quotaBytes === null ? "default" : quotaBytes === 0 ? "none" : String(quotaBytes),
  },
  { title: "SPECIAL", value: special },
  { title: "OTHER ADDRESSES", value: ({ aliases }) => aliases.join(" ") },
];

function stateOf({ disabled, domainDisabled, removed }: Account): string {
  if (removed !== null) return "removed";
  if (domainDisabled) return "domain disabled";
  return disabled === null ? "enabled" : "disabled";
}

function special({ admin, appPasswordsOnly, withheld }: Account): string {
  const words: string[] = [];
  if (admin) words.push("admin");
  if (appPasswordsOnly) words.push("app passwords only");
  if (withheld.length > 0) words.push(`without ${withheld.join(" ")}`);
  return words.join(", ");
}

export async function accountList(config: string | undefined, { json }: { json?: boolean } = {}): Promise<void> {
  await withStore(config, async ({ directory }, config) => {
    const addresses = Map.groupBy(await directory.addresses.list(), ({ account }) => account);
    const accounts = (await directory.list()).toSorted((a, b) => a.address < b.address ? -1 : 1)
      .map((account) => ({ ...account, aliases: aliasesOf(account.address, addresses.get(account.id) ?? []) }));
    await printTable(accounts, COLUMNS, { json: json ? (account) => asJson(account, config) : undefined });
  });
}

/** `disabled`: the text that is told, or null. Quotas: null as configured, 0 none. `gone`: when a removed one is gone. */
function asJson(listed: Listed, config: Config): object {
  const { id: _, created, removed, domainDisabled: __, ...account } = listed;
  const times = { created: timeText(created), removed: timeOrNull(removed), gone: goneAt(listed, config) || null };
  return { ...account, state: stateOf(listed), ...times };
}

export async function accountPasswd(
  config: string | undefined,
  address: string,
  options: { passwordStdin?: boolean; endSessions?: boolean },
): Promise<void> {
  await withStore(config, async (store, config) => {
    const account = await findAccount(store, address);
    const password = await newPassword(options);
    // App passwords need the salts that they were made with.
    const salts = await saltsFor(store.directory, account.id);
    await store.directory.setCredentials(account.id, await deriveCredentials(password, { salts }));
    if (options.endSessions) await endSessions(config, [account]);
  });
}

/** Replaces the capabilities that its sessions do not get; none gives all back. */
export async function accountWithhold(
  config: string | undefined,
  address: string,
  capabilities: readonly string[],
): Promise<void> {
  const { EXTENSIONS } = await import("../imap/capabilities.ts");
  const names = capabilities.map((capability) => {
    const upper = capability.toUpperCase();
    const known = EXTENSIONS.find(({ name }) => name.toUpperCase() === upper);
    if (!known) throw new AdminError(`there is no capability ${capability}; docs/extensions.md names them`, 2);
    return known.name;
  });
  await withStore(config, async (store) => {
    const account = await findAccount(store, address);
    await store.directory.setWithheld(account.id, names);
  });
}

/** An administrator may set quotas by IMAP (RFC 9208 §4.1.3 SETQUOTA). */
export async function accountAdmin(config: string | undefined, address: string, admin: boolean): Promise<void> {
  await withStore(config, async (store) => {
    const account = await findAccount(store, address);
    await store.directory.setAdmin(account.id, admin);
  });
}

/** The main password is then no longer taken by mail protocols; app passwords and keys are. */
export async function accountAppPasswordsOnly(
  config: string | undefined,
  address: string,
  only: boolean,
): Promise<void> {
  await withStore(config, async (store) => {
    const account = await findAccount(store, address);
    await store.directory.setAppPasswordsOnly(account.id, only);
  });
}
