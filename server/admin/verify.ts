/** `roost verify`: every promise of the store, checked and reported; with --repair mended, and checked again. */
import { repairAccount } from "../../store/sqlite/repair.ts";
import { repairDirectory } from "../../store/sqlite/repairdirectory.ts";
import { type StoreFaultReport, type Verified, verifyStore } from "../../store/sqlite/verify.ts";
import { loadConfig } from "../config/load.ts";
import { printable } from "../printable.ts";
import { requireData } from "./data.ts";
import { AdminError } from "./errors.ts";
import { fileFaults } from "./filefaults.ts";

/** Prints each fault and a summary. @returns 0, or 1 when there are faults, after a repair: left @throws {AdminError} no such account */
export async function verify(
  file: string | undefined,
  address: string | undefined,
  { repair = false }: { readonly repair?: boolean },
): Promise<number> {
  const { config } = loadConfig(file);
  requireData(config);
  const broken = new Set<string | undefined>();
  let verified = await look(config.dataDir, address, ({ account }) => void broken.add(account));
  if (repair && broken.size > 0) {
    await fileFaults("what was mended stays, the same command goes on", async () => mend(config.dataDir, broken));
    console.log("after the repair:");
    verified = await look(config.dataDir, address, () => {});
  }
  return verified.faults === 0 ? 0 : 1;
}

async function look(
  dataDir: string,
  address: string | undefined,
  found: (fault: StoreFaultReport) => void,
): Promise<Verified> {
  const verified = await verifyStore(dataDir, (fault) => {
    found(fault);
    console.log(printable(line(fault)));
  }, address);
  const { accounts, mailboxes, messages, faults } = verified;
  if (address !== undefined && accounts === 0) throw new AdminError(`there is no account ${address}`);
  console.log(`${accounts} accounts, ${mailboxes} mailboxes, ${messages} messages: ${faults} faults`);
  return verified;
}

function mend(dataDir: string, broken: ReadonlySet<string | undefined>): void {
  for (const { id, address } of repairDirectory(dataDir)) {
    if (!broken.has(address)) continue;
    const { damaged, inUse } = repairAccount(dataDir, id);
    const name = printable(address);
    if (damaged) console.error(`roost: ${name}: its mail.db is damaged beyond repair; see: roost salvage ${name}`);
    if (inUse) console.error(`roost: ${name} is in use: content files of no message were left alone, try again`);
  }
}

/** `fault: ann@example.org: INBOX: UID 7: …` */
function line({ account, mailbox, uid, what, note }: StoreFaultReport): string {
  const place = [account, mailbox, uid === undefined ? undefined : `UID ${uid}`].filter((part) => part !== undefined);
  return [note ? "note" : "fault", ...place, what].join(": ");
}
