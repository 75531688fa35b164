/** `roost import` and `roost export`. */
import { Argument, type Command } from "commander";
import { FORMATS } from "../formats.ts";
import { type ConfigFile, size } from "./arguments.ts";

/** @param exit takes the exit code of a command that ended without a fault */
export function addTransferCommands(program: Command, config: ConfigFile, exit: (code: number) => void): void {
  const format = () => new Argument("<format>", "of the files").choices(FORMATS);
  program.command("import")
    .description(
      "add the mail in files of another program to an account; a second run adds only what is missing. " +
        "Exit code 1: something was skipped",
    )
    .addArgument(format())
    .argument("<path>", "file or folder: a Maildir with its folders, mbox files, .eml files")
    .argument("<address>", "account")
    .option("-m, --mailbox <name>", "where its INBOX goes, and all others below; default: the same names")
    .option("--max-size <size>", "skip larger messages; default: limits.messageSize", size)
    .option("-q, --quiet", "do not tell how far it is")
    .action(async (format, path: string, address: string, options) => {
      const { importCommand } = await import("../import.ts");
      exit(await importCommand(config(), format, path, address, options));
    });
  program.command("export")
    .description("write an account's mail to files; a second run adds only what is missing")
    .addArgument(format())
    .argument("<address>", "account")
    .argument("<path>", "folder; made if it is not there")
    .option("-q, --quiet", "do not tell how far it is")
    .action(async (format, address: string, path: string, options) => {
      const { exportCommand } = await import("../export.ts");
      exit(await exportCommand(config(), format, address, path, options));
    });
}
