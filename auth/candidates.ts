/**
 * What a login is held against: the account's main password and its app passwords. All are checked, those that do not admit
 * this client as well, and never fewer than `LEAST`: so neither the steps nor their time tell what there is.
 */
import type { Account, AppPassword, Credentials } from "../store/store.ts";
import { admitsClient } from "./apppasswords.ts";
import type { Candidate, Client, SecretName } from "./types.ts";

const LEAST = 8;

export interface Held {
  readonly account: Account | undefined;
  readonly credentials: Credentials;
  readonly appPasswords: readonly AppPassword[];
}

/**
 * @param madeUp the secret of nobody, for who has none
 * @param now seconds since 1970
 */
export function candidatesOf(
  { account, credentials, appPasswords }: Held,
  mechanism: SecretName,
  client: Client,
  madeUp: string,
  now: number,
): Candidate[] {
  const candidates: Candidate[] = [];
  const main = credentials[mechanism];
  if (main !== undefined) candidates.push({ secret: main, admits: account?.appPasswordsOnly === false });
  for (const appPassword of appPasswords) {
    const secret = appPassword.credentials[mechanism];
    if (secret === undefined) continue;
    candidates.push({ secret, admits: account !== undefined && admitsClient(appPassword, client, now), appPassword });
  }
  const filler = { secret: candidates[0]?.secret ?? madeUp, admits: false };
  while (candidates.length < LEAST) candidates.push(filler);
  return candidates;
}
