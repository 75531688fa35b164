/** `roost undelete`: expunged messages, listed or put back. Works beside a running server, whose sessions see them come back. */
import type { DeletedFilter, DeletedMessage } from "../../store/upkeep.ts";
import type { MailboxName } from "../../store/types.ts";
import { findAccount, withStore } from "./data.ts";
import { type Column, printTable, timeOrNull, timeText } from "./table.ts";

export interface UndeleteOptions {
  /** Seconds since 1970. */
  readonly since?: number;
  readonly mailbox?: string;
  readonly list?: boolean;
  readonly json?: boolean;
}

const COLUMNS: readonly Column<DeletedMessage>[] = [
  { title: "EXPUNGED", value: ({ expungedAt }) => timeText(expungedAt) },
  { title: "MAILBOX", value: ({ mailbox }) => mailbox },
  { title: "SIZE", value: ({ size }) => String(size) },
  { title: "DATE", value: ({ internalDate }) => timeText(internalDate) },
  { title: "FROM", value: ({ from }) => from },
  { title: "SUBJECT", value: ({ subject }) => subject },
];

/** Prints the list, or how many were put back into each mailbox. @throws {AdminError} no such account */
export async function undelete(
  config: string | undefined,
  address: string,
  { since, mailbox, list, json }: UndeleteOptions,
): Promise<void> {
  await withStore(config, async (store) => {
    const account = await findAccount(store, address);
    const upkeep = store.upkeep(account.id);
    const filter: DeletedFilter = { since, mailbox: mailbox as MailboxName | undefined };
    if (list) return await printTable(await upkeep.deleted(filter), COLUMNS, { json: json ? asJson : undefined });
    const back = [...await upkeep.undelete(filter)];
    await printTable(back, [
      { title: "PUT BACK", value: ([, count]) => String(count) },
      { title: "MAILBOX", value: ([name]) => name },
    ], { json: json ? ([name, messages]) => ({ mailbox: name, messages }) : undefined });
  });
}

function asJson({ expungedAt, internalDate, ...message }: DeletedMessage): object {
  return { ...message, expungedAt: timeOrNull(expungedAt), internalDate: timeOrNull(internalDate) };
}
