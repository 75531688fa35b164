/** `roost domain`: whose addresses there are. Works beside a running server. */
import type { Account, Domain, Store } from "../../store/store.ts";
import { withStore } from "./data.ts";
import { endSessions } from "./ending.ts";
import { type Column, printTable, timeText } from "./table.ts";

export async function domainAdd(config: string | undefined, name: string): Promise<void> {
  await withStore(config, ({ directory }) => directory.domains.add(name), { create: true });
}

export async function domainRemove(config: string | undefined, name: string): Promise<void> {
  await withStore(config, ({ directory }) => directory.domains.remove(name));
}

const COLUMNS: readonly Column<Domain>[] = [
  { title: "DOMAIN", value: ({ name }) => name },
  { title: "STATE", value: ({ disabled }) => disabled ? "disabled" : "enabled" },
  { title: "ADDRESSES", value: ({ addresses }) => String(addresses) },
];

export async function domainList(config: string | undefined, { json }: { json?: boolean }): Promise<void> {
  await withStore(config, async ({ directory }) => {
    const asJson = ({ created, ...domain }: Domain) => ({ ...domain, created: timeText(created) });
    await printTable(await directory.domains.list(), COLUMNS, { json: json ? asJson : undefined });
  });
}

/** Sessions of its accounts end. */
export async function domainDisable(config: string | undefined, name: string): Promise<void> {
  await withStore(config, async (store, config) => {
    const before = new Set((await closedByDomain(store)).map(({ id }) => id));
    await store.directory.domains.setDisabled(name, true);
    await endSessions(config, (await closedByDomain(store)).filter(({ id }) => !before.has(id)));
  });
}

async function closedByDomain({ directory }: Store): Promise<Account[]> {
  return (await directory.list()).filter(({ domainDisabled }) => domainDisabled);
}

export async function domainEnable(config: string | undefined, name: string): Promise<void> {
  await withStore(config, ({ directory }) => directory.domains.setDisabled(name, false));
}
