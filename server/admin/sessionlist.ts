/** `roost sessions`: who is connected to the running server. */
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { SessionFacts } from "../control/protocol.ts";
import type { Account } from "../../store/store.ts";
import { findAccount, requireData, withStore } from "./data.ts";
import { ask } from "./ending.ts";
import { AdminError } from "./errors.ts";
import { type Column, printTable, timeText } from "./table.ts";

const COLUMNS: readonly Column<SessionFacts>[] = [
  { title: "ID", value: ({ id }) => id },
  { title: "ACCOUNT", value: ({ account }) => account ?? "-" },
  { title: "FROM", value: ({ remote }) => remote },
  { title: "SINCE", value: ({ since }) => timeText(since) },
  { title: "IDLE", value: ({ idle }) => `${idle}s` },
  { title: "PROTOCOL", value: ({ protocol }) => protocol },
  { title: "TLS", value: ({ tls }) => tls || "-" },
  { title: "MAILBOX", value: ({ mailbox }) => mailbox ?? "-" },
  { title: "PROGRAM", value: ({ program }) => program },
];

/** Without a running server there are none, which is said on standard error. */
export async function sessionList(
  file: string | undefined,
  address: string | undefined,
  { json }: { json?: boolean },
): Promise<void> {
  const answer = address === undefined
    ? await ask(dataOf(file), { do: "sessions" })
    : await withStore(file, async (store, config) => {
      const { id } = await findAccount(store, address);
      return await ask(config, { do: "sessions", account: id });
    });
  if (!answer) console.error("roost: no server runs on this data");
  await printTable(answer?.sessions ?? [], COLUMNS, {
    json: json ? (session) => ({ ...session, since: timeText(session.since) }) : undefined,
  });
}

/** @param which an account's address, else a session's number */
export async function sessionEnd(file: string | undefined, which: string): Promise<void> {
  await withStore(file, async (store, config) => {
    const account = await accountOrNumber(() => findAccount(store, which), which);
    const answer = await ask(
      config,
      account ? { do: "endAccount", account: account.id } : { do: "endSession", session: which },
    );
    if (!answer) console.error("roost: no server runs on this data");
    if (!account && !answer?.count) throw new AdminError(`there is no session ${which}`);
    console.log(`${answer?.count ?? 0} sessions ended`);
  });
}

async function accountOrNumber(find: () => Promise<Account>, which: string): Promise<Account | undefined> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof AdminError && /^\d{1,20}$/.test(which)) return undefined;
    throw error;
  }
}

function dataOf(file: string | undefined): Config {
  const { config } = loadConfig(file);
  requireData(config);
  return config;
}
