/** The account at the authority: its key is made once, and registered when something is first ordered. */
import type { AcmeConfig } from "../config/acmeschema.ts";
import { Authority } from "./authority.ts";
import { accountKey, newKey } from "./certificates.ts";
import { AcmeConnection } from "./connection.ts";
import { AcmeError } from "./errors.ts";
import type { AcmeFolder } from "./folder.ts";

/** The configured authority, asked over a connection of its own, which is closed with `authority.connection`. @throws {AcmeError} */
export async function connect(acme: AcmeConfig, folder: AcmeFolder, signal: AbortSignal): Promise<Authority> {
  const { directory, caFile } = acme;
  const saved = folder.account(directory);
  const key = saved?.key ?? await newKey();
  // The key is safe before the authority knows it: otherwise each attempt could make another account.
  if (!saved) folder.saveAccount(directory, { key });
  const connection = new AcmeConnection(caFile === undefined ? [] : [await Deno.readTextFile(caFile)], signal);
  try {
    return await Authority.at(directory, connection, await accountKey(key));
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Makes the authority know the account, with the configured address. @throws {AcmeError} */
export async function logIn(authority: Authority, acme: AcmeConfig, folder: AcmeFolder): Promise<void> {
  if (authority.account !== undefined) return;
  const { directory, email, agreeTerms } = acme;
  const saved = folder.account(directory);
  if (!saved) throw new AcmeError("the account's key is gone from the data directory");
  if (saved.url !== undefined && await authority.useAccount(saved.url)) {
    if (saved.email === email) return;
    await authority.setContact(email);
    return folder.saveAccount(directory, { ...saved, email });
  }
  const url = await authority.register({ email, agreeTerms, externalAccount: await externalAccount(acme) });
  folder.saveAccount(directory, { key: saved.key, url, email });
}

async function externalAccount({ externalAccount: external }: AcmeConfig) {
  return external && { keyId: external.keyId, hmacKey: (await Deno.readTextFile(external.hmacKeyFile)).trim() };
}
