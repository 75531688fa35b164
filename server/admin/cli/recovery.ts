/** What brings mail back. */
import type { Command } from "commander";
import { parsePast } from "../past.ts";
import { checked, type ConfigFile } from "./arguments.ts";

/** @param exit takes the exit code of a command that ended without a fault */
export function addRecoveryCommands(program: Command, config: ConfigFile, exit: (code: number) => void): void {
  program.command("backup")
    .description(
      "copy all accounts to a directory, while the server runs; a second run into the same copies only what changed. " +
        "Exit code 1: something could not be copied",
    )
    .argument("<directory>", "made if it is not there; content files are linked where it is on the same file system")
    .option("--no-verify", "do not check what was copied")
    .option("-q, --quiet", "do not tell how far it is")
    .action(async (directory: string, options) => {
      const { backupCommand } = await import("../backup.ts");
      exit(await backupCommand(config(), directory, options));
    });
  program.command("restore")
    .description(
      "bring mail back from a backup: all into an empty data directory, or an account, a mailbox or messages into a " +
        "running server, adding what is missing",
    )
    .argument("<directory>", "the backup")
    .option(
      "-a, --account <address>",
      "only this account: made again if it is gone, otherwise its mailboxes go below Restored",
    )
    .option("-m, --mailbox <name>", "only this mailbox, into one of the same name")
    .option(
      "--message <id>",
      "only the message with this Message-ID, or with these UIDs of --mailbox, as 7,9:12; may be given again",
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option("--into <name>", "put the mailboxes below this one")
    .option("--replace", "make the account's mail what it was: newer messages are expunged, and can be undeleted")
    .option("--keep-uidvalidity", "nothing was changed since the backup: clients go on with the mail they have")
    .option("-q, --quiet", "do not tell how far it is")
    .action(async (directory: string, options) => {
      const { restoreCommand } = await import("../restore.ts");
      exit(await restoreCommand(config(), directory, options));
    });
  program.command("verify")
    .description(
      "check every promise of the store and tell what is broken. Exit code 1: something is. With --repair it is " +
        "mended as far as it can be without losing mail, and checked again",
    )
    .argument("[address]", "only this account")
    .option("--repair", "mend what is broken; the server may be running")
    .action(async (address: string | undefined, options) => {
      const { verify } = await import("../verify.ts");
      exit(await verify(config(), address, options));
    });
  program.command("salvage")
    .description(
      "read all that can be read out of a damaged account, whatever its database says, into a new account. " +
        "Exit code 1: something was lost, and is listed",
    )
    .argument("<account>", "its address, or its mail.db where the directory does not know it")
    .option("--to <address>", "the new account; default: salvaged- before the address")
    .option("-q, --quiet", "do not tell how far it is")
    .action(async (account: string, options) => {
      const { salvageCommand } = await import("../salvage.ts");
      exit(await salvageCommand(config(), account, options));
    });
  program.command("undelete")
    .description(
      "put expunged messages back where they were: all that are still kept (`undelete` in the configuration), or some; tells how many",
    )
    .argument("<address>", "account")
    .option(
      "--since <time>",
      "those expunged then or later: 90m, 12h, 1d, 2026-01-31, 2026-01-31T12:00:00Z",
      checked((text) => parsePast(text, Math.floor(Date.now() / 1000))),
    )
    .option("-m, --mailbox <name>", "those that were in it")
    .option("--list", "list them and change nothing: when expunged, mailbox, size, date, sender, subject")
    .option("--json", "as a JSON array")
    .action(async (address: string, options) => {
      const { undelete } = await import("../undelete.ts");
      await undelete(config(), address, options);
    });
}
