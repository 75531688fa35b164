/** `roost verify`: every promise of the store, checked and reported; nothing is changed. */
import { type StoreFaultReport, verifyStore } from "../../store/sqlite/verify.ts";
import { loadConfig } from "../config/load.ts";
import { requireData } from "./data.ts";

/** Prints each fault and a summary. @returns 0, or 1 when there are faults */
export async function verify(file: string | undefined): Promise<number> {
  const { config } = loadConfig(file);
  requireData(config);
  const { accounts, mailboxes, messages, faults } = await verifyStore(
    config.dataDir,
    (fault) => console.log(line(fault)),
  );
  console.log(`${accounts} accounts, ${mailboxes} mailboxes, ${messages} messages: ${faults} faults`);
  return faults === 0 ? 0 : 1;
}

/** `fault: ann@example.org: INBOX: UID 7: …` */
function line({ account, mailbox, uid, what, note }: StoreFaultReport): string {
  const place = [account, mailbox, uid === undefined ? undefined : `UID ${uid}`].filter((part) => part !== undefined);
  return [note ? "note" : "fault", ...place, what].join(": ");
}
