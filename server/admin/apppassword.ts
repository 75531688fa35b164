/** `roost account app-password`: passwords for single devices and programs. Works beside a running server. */
import { generateAppPassword, saltsFor } from "../../auth/apppasswords.ts";
import { deriveCredentials } from "../../auth/secrets.ts";
import type { Scope } from "../../auth/types.ts";
import type { AppPassword } from "../../store/store.ts";
import { findAccount, withStore } from "./data.ts";
import { type Column, print, printTable, timeOrNull, timeText } from "./table.ts";

export interface AppPasswordOptions {
  readonly scope?: readonly Scope[];
  readonly network?: readonly string[];
  /** Seconds since 1970. */
  readonly expires?: number;
}

/** Standard output gets the password and nothing else, so that a program can take it. */
export async function appPasswordAdd(
  config: string | undefined,
  address: string,
  name: string,
  { scope = ["imap"], network = [], expires }: AppPasswordOptions,
): Promise<void> {
  const password = generateAppPassword();
  await withStore(config, async (store) => {
    const account = await findAccount(store, address);
    const salts = await saltsFor(store.directory, account.id);
    await store.directory.addAppPassword(account.id, {
      name,
      credentials: await deriveCredentials(password, { salts }),
      scopes: [...new Set(scope)],
      networks: [...new Set(network)],
      expires: expires ?? null,
    });
  });
  console.error(`app password ${JSON.stringify(name)} of ${address}, shown only now:`);
  await print(`${password}\n`);
}

const COLUMNS: readonly Column<AppPassword>[] = [
  { title: "NAME", value: ({ name }) => name },
  { title: "SCOPES", value: ({ scopes }) => scopes.join(",") },
  { title: "NETWORKS", value: ({ networks }) => networks.length === 0 ? "any" : networks.join(",") },
  { title: "MADE", value: ({ created }) => timeText(created) },
  { title: "EXPIRES", value: ({ expires }) => expires === null ? "never" : timeText(expires) },
  { title: "LAST USED", value: ({ lastUsed }) => lastUsed === null ? "never" : timeText(lastUsed) },
  { title: "FROM", value: ({ lastRemote }) => lastRemote ?? "" },
];

export async function appPasswordList(
  config: string | undefined,
  address: string,
  { json }: { json?: boolean },
): Promise<void> {
  await withStore(config, async (store) => {
    const account = await findAccount(store, address);
    const passwords = await store.directory.appPasswords(account.id);
    await printTable(passwords, COLUMNS, { json: json ? asJson : undefined });
  });
}

function asJson({ name, scopes, networks, created, expires, lastUsed, lastRemote }: AppPassword): object {
  return {
    name,
    scopes,
    networks,
    created: timeText(created),
    expires: timeOrNull(expires),
    lastUsed: timeOrNull(lastUsed),
    lastRemote,
  };
}

export async function appPasswordRemove(config: string | undefined, address: string, name: string): Promise<void> {
  await withStore(config, async (store) => {
    const account = await findAccount(store, address);
    await store.directory.removeAppPassword(account.id, name);
  });
}
