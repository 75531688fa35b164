/** `roost account address`, `roost account rename`: the names of an account. */
import type { AccountAddress } from "../../store/store.ts";
import { findAccount, withStore } from "./data.ts";
import { type Column, printTable } from "./table.ts";

export async function addressAdd(config: string | undefined, address: string, alias: string): Promise<void> {
  await withStore(config, async (store) => {
    await store.directory.addresses.add((await findAccount(store, address)).id, alias);
  });
}

export async function addressRemove(config: string | undefined, address: string, alias: string): Promise<void> {
  await withStore(config, async (store) => {
    await store.directory.addresses.remove((await findAccount(store, address)).id, alias);
  });
}

type Kind = "own" | "alias" | "all of the domain";
type Listed = { readonly address: string; readonly kind: Kind };

const COLUMNS: readonly Column<Listed>[] = [
  { title: "ADDRESS", value: ({ address }) => address },
  { title: "KIND", value: ({ kind }) => kind },
];

export async function addressList(
  config: string | undefined,
  address: string,
  { json }: { json?: boolean },
): Promise<void> {
  await withStore(config, async (store) => {
    const account = await findAccount(store, address);
    const others = aliasesOf(account.address, await store.directory.addresses.list(account.id));
    const rows: Listed[] = [
      { address: account.address, kind: "own" },
      ...others.map((address) => ({
        address,
        kind: address.startsWith("@") ? "all of the domain" as const : "alias" as const,
      })),
    ];
    await printTable(rows, COLUMNS, { json: json ? (row) => row : undefined });
  });
}

/** All but its own, those of whole domains last. @param addresses of one account */
export function aliasesOf(own: string, addresses: readonly AccountAddress[]): string[] {
  const others = addresses.map(({ address }) => address).filter((address) => address !== own);
  return others.toSorted((a, b) =>
    Number(a.startsWith("@")) - Number(b.startsWith("@")) || (a < b ? -1 : a > b ? 1 : 0)
  );
}

/** Sessions go on, and so do logins under the old name, if it is kept. */
export async function accountRename(
  config: string | undefined,
  address: string,
  to: string,
  { keep = false }: { keep?: boolean },
): Promise<void> {
  await withStore(config, async (store) => {
    await store.directory.addresses.rename((await findAccount(store, address)).id, to, { keep });
  });
}
