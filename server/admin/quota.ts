/** `roost quota`, `roost account quota`: what accounts keep and may keep. */
import type { Account, Store } from "../../store/store.ts";
import { reason } from "../reason.ts";
import { findAccount, withStore } from "./data.ts";
import { AdminError } from "./errors.ts";
import { type Column, printTable } from "./table.ts";

interface Used {
  readonly address: string;
  readonly bytes: number;
  /** 0 is none. */
  readonly limitBytes: number;
  readonly messages: number;
  readonly limitMessages: number;
}

const COLUMNS: readonly Column<Used>[] = [
  { title: "ADDRESS", value: ({ address }) => address },
  { title: "USED", value: ({ bytes }) => amount(bytes) },
  { title: "LIMIT", value: ({ limitBytes }) => limitBytes === 0 ? "none" : amount(limitBytes) },
  { title: "MESSAGES", value: ({ messages }) => String(messages) },
  { title: "LIMIT", value: ({ limitMessages }) => limitMessages === 0 ? "none" : String(limitMessages) },
  { title: "FULL", value: (used) => percentOf(used) === null ? "-" : `${percentOf(used)} %` },
];

/** One account or all, one after the other; those that cannot be read are named at the end. @throws {AdminError} */
export async function quota(
  config: string | undefined,
  address: string | undefined,
  { json }: { json?: boolean },
): Promise<void> {
  await withStore(config, async (store) => {
    const accounts = address === undefined ? await store.directory.list() : [await findAccount(store, address)];
    const rows: Used[] = [];
    const faults: string[] = [];
    for (const account of accounts.toSorted((a, b) => a.address < b.address ? -1 : 1)) {
      const used = await usedBy(store, account);
      if (typeof used === "string") faults.push(`${account.address}: ${used}`);
      else rows.push(used);
    }
    await printTable(rows, COLUMNS, { json: json ? (row) => ({ ...row, percent: percentOf(row) }) : undefined });
    if (faults.length > 0) throw new AdminError(faults.join("\n"));
  });
}

async function usedBy(store: Store, { id, address }: Account): Promise<Used | string> {
  try {
    return { address, ...await store.mail(id).usage() };
  } catch (error) {
    return reason(error); // its database may be damaged: the others are told all the same
  }
}

/** How full it is by the limit that is nearer, rounded down; null: there is none. */
function percentOf({ bytes, limitBytes, messages, limitMessages }: Used): number | null {
  const parts = [...limitBytes > 0 ? [bytes / limitBytes] : [], ...limitMessages > 0 ? [messages / limitMessages] : []];
  return parts.length === 0 ? null : Math.floor(Math.max(...parts) * 100);
}

const UNITS = ["KiB", "MiB", "GiB", "TiB"];

/** Bytes; on a terminal in the unit that reads best. */
function amount(bytes: number): string {
  if (!Deno.stdout.isTerminal() || bytes < 1024) return String(bytes);
  const power = Math.min(UNITS.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power - 1]}`;
}

/** Bytes or messages; 0 is none. */
type Limit = number | "default";

/** What is not given stays. */
export async function accountQuota(
  config: string | undefined,
  address: string,
  bytes: Limit | undefined,
  { messages }: { messages?: Limit },
): Promise<void> {
  if (bytes === undefined && messages === undefined) {
    throw new AdminError("how much? Give a size, --messages, or both", 2);
  }
  await withStore(config, async (store) => {
    const { id, quotaBytes, quotaMessages } = await findAccount(store, address);
    await store.directory.setQuota(id, { bytes: kept(bytes, quotaBytes), messages: kept(messages, quotaMessages) });
  });
}

/** As the directory keeps it: null as configured. */
function kept(limit: Limit | undefined, before: number | null): number | null {
  if (limit === undefined) return before;
  return limit === "default" ? null : limit;
}
