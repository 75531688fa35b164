/** `roost attempts`: who logged in and who tried to. Works beside a running server, which writes attempts up to a second late. */
import type { AttemptGroup } from "../../store/store.ts";
import type { AccountId } from "../../store/types.ts";
import { findAccount, withStore } from "./data.ts";
import { type Column, printTable, timeText } from "./table.ts";

export interface AttemptsOptions {
  /** Seconds since 1970. */
  readonly since?: number;
  readonly failed?: boolean;
  readonly json?: boolean;
  /** 0: all. */
  readonly most: number;
}

/** Digits of a fingerprint in the table: enough for `tlskey remove`. */
const SHOWN = 16;

const COLUMNS: readonly Column<AttemptGroup>[] = [
  { title: "LAST", value: ({ last }) => timeText(last) },
  { title: "COUNT", value: ({ count }) => String(count) },
  { title: "RESULT", value: ({ result }) => result },
  { title: "NAME", value: ({ user }) => orDash(user) },
  { title: "FROM", value: ({ remote }) => remote },
  { title: "MECHANISM", value: ({ mechanism }) => mechanism },
  { title: "TLS", value: ({ tls, cipher }) => orDash(`${tls} ${cipher}`.trim()) },
  { title: "KEY", value: ({ clientKey }) => orDash(clientKey.slice(0, SHOWN)) },
  { title: "APP PASSWORD", value: ({ appPassword }) => orDash(appPassword) },
  { title: "PROGRAM", value: ({ userAgent }) => userAgent },
];

export async function attempts(
  config: string | undefined,
  address: string | undefined,
  { since, failed, json, most }: AttemptsOptions,
): Promise<void> {
  await withStore(config, async (store) => {
    const account = address === undefined ? undefined : (await findAccount(store, address)).id;
    const groups = await store.directory.attempts({ account, since, failed, most: most === 0 ? undefined : most });
    const addresses = new Map(json ? (await store.directory.list()).map(({ id, address }) => [id, address]) : []);
    await printTable(groups, COLUMNS, { json: json ? (group) => asJson(group, addresses) : undefined });
  });
}

function asJson({ account, first, last, ...group }: AttemptGroup, addresses: ReadonlyMap<AccountId, string>): object {
  const address = account === null ? null : addresses.get(account) ?? null;
  return { account: address, ...group, first: timeText(first), last: timeText(last) };
}

function orDash(text: string): string {
  return text === "" ? "-" : text;
}
