/** Sessions of a running server, ended from outside. */
import type { Config } from "../config/schema.ts";
import { reason } from "../reason.ts";
import { askServer, type ControlAnswer } from "../control/client.ts";
import type { ControlRequest } from "../control/protocol.ts";
import type { Account } from "../../store/store.ts";
import { AdminError } from "./errors.ts";

/** @returns undefined: no server runs @throws {AdminError} it does not answer as it should */
export async function ask(
  { dataDir }: Pick<Config, "dataDir">,
  request: ControlRequest,
): Promise<ControlAnswer | undefined> {
  try {
    return await askServer(dataDir, request);
  } catch (error) {
    throw new AdminError(`the running server cannot be asked: ${reason(error)}`);
  }
}

/** Ends all sessions of these accounts, where a server runs, and tells how many there were. */
export async function endSessions(config: Config, accounts: readonly Pick<Account, "id">[]): Promise<void> {
  let count = 0;
  for (const { id } of accounts) count += (await ask(config, { do: "endAccount", account: id }))?.count ?? 0;
  if (count > 0) console.log(`${count} sessions ended`);
}
