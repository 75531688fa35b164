/** The account of a first start without a configuration file. */
import { randomInt } from "node:crypto";
import { deriveCredentials } from "../../auth/secrets.ts";
import type { Store } from "../../store/store.ts";

export const DEMO_ADDRESS = "demo@localhost";

/** Letters and digits that are not mistaken for one another. */
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

/** Makes the account where there is none at all, and prints its password: the only time it is seen. */
export async function addDemoAccount({ directory }: Store): Promise<void> {
  if ((await directory.list()).length > 0) return;
  const password = Array.from({ length: 16 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  await directory.add([{ address: DEMO_ADDRESS, credentials: await deriveCredentials(password) }]);
  console.log(`account ${DEMO_ADDRESS} password ${password} (shown only now)`);
}
