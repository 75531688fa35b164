/** `roost backup`: all accounts, while the server runs. */
import { backupStore } from "../../store/sqlite/backup/backup.ts";
import { loadConfig } from "../config/load.ts";
import { reason } from "../reason.ts";
import { printable } from "../printable.ts";
import { requireData } from "./data.ts";
import { fileFaults } from "./filefaults.ts";
import { Progress, standardError } from "./progress.ts";

export interface BackupCommandOptions {
  readonly verify: boolean;
  readonly quiet?: boolean;
}

/** Tells on standard error what could not be copied, then prints a summary. @returns 0, or 1 when something failed */
export async function backupCommand(
  file: string | undefined,
  target: string,
  { verify, quiet = false }: BackupCommandOptions,
): Promise<number> {
  const { config } = loadConfig(file);
  requireData(config);
  const progress = new Progress("copied", quiet, standardError(quiet), "accounts");
  try {
    const { accounts, changed, failed, linked, copied, bytes } = await fileFaults(
      "what was copied stays, the same command goes on from there",
      () =>
        backupStore({
          dataDir: config.dataDir,
          target,
          verify,
          failed: (what, error) => progress.line(`roost: ${printable(what)}: ${printable(reason(error))}`),
          progress: (of) => {
            progress.total = of;
            progress.add(1, 1);
          },
        }),
    );
    progress.end();
    console.log(
      `${accounts} accounts: ${changed} copied, ${accounts - changed - failed} unchanged, ${failed} failed; ` +
        `${linked + copied} new content files (${linked} linked); ${bytes} bytes written`,
    );
    return failed === 0 ? 0 : 1;
  } finally {
    progress.end();
  }
}
