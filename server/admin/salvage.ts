/** `roost salvage`: what can be read of a damaged account, into a new one. */
import { dirname, join } from "node:path";
import { Presence } from "../../store/sqlite/presence.ts";
import { salvage } from "../../store/sqlite/salvage/salvage.ts";
import type { Account, Store } from "../../store/store.ts";
import { printable } from "../printable.ts";
import { withStore } from "./data.ts";
import { AdminError } from "./errors.ts";
import { fileFaults } from "./filefaults.ts";
import { Progress } from "./progress.ts";

export interface SalvageCommandOptions {
  readonly to?: string;
  readonly quiet?: boolean;
}

/** Lists what is lost, then prints a summary. @returns 0, or 1 when something was lost @throws {AdminError} */
export async function salvageCommand(
  config: string | undefined,
  what: string,
  { to, quiet = false }: SalvageCommandOptions,
): Promise<number> {
  return await withStore(config, async (store, { dataDir }) => {
    const account = await store.directory.find(what.normalize("NFC"));
    const path = account ? join(dataDir, "accounts", String(account.id), "mail.db") : what;
    const made = await newAccount(store, account, what, path, to);
    const progress = new Progress("salvaged", quiet);
    const report = {
      lost: (place: string, lost: string) => progress.line(`roost: ${printable(place)}: ${printable(lost)}`),
      progress(of: number) {
        progress.total = of;
        progress.add(1, 1);
      },
    };
    const presence = new Presence(dirname(path));
    if (account) presence.enter({ everything: true }); // nothing is purged meanwhile
    try {
      const into = { mail: store.mail(made.id), upkeep: store.upkeep(made.id) };
      const { messages, homeless, lost } = await fileFaults(
        `remove ${made.address} and try again; the damaged account is as it was`,
        () => salvage(path, into, report),
      );
      progress.end();
      console.log(
        `${printable(made.address)}: ${messages} messages salvaged, ${homeless} of them in Lost+Found; ` +
          `${lost} lost or damaged`,
      );
      return lost === 0 ? 0 : 1;
    } finally {
      progress.end();
      presence.leave();
    }
  });
}

/** With the password of the damaged one. @throws {AdminError} */
async function newAccount(
  store: Store,
  account: Account | undefined,
  what: string,
  path: string,
  to: string | undefined,
): Promise<Account> {
  if (!account) requireFile(what, path);
  if (to === undefined && !account) throw new AdminError("into which new account? Give --to", 2);
  const address = to ?? `salvaged-${account?.address}`;
  if (await store.directory.find(address)) {
    throw new AdminError(`there is an account ${address} already; give another one with --to`);
  }
  const credentials = account ? await store.directory.credentials(account.id) : {};
  const [made] = await store.directory.add([{ address, credentials }]);
  return made;
}

function requireFile(what: string, path: string): void {
  try {
    if (Deno.statSync(path).isFile) return;
  } catch {
    // Told below.
  }
  throw new AdminError(`${what} is neither an account nor a file`);
}
